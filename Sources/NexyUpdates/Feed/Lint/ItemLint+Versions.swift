import NexyCore

/// Builds, versions that people read, and the versions that bound an update.
extension ItemLint {
  mutating func checkVersions() {
    let attribute = enclosure?.attributes["sparkle:version"]
    let element = item.text("sparkle:version")
    if attribute == nil, element == nil {
      if let reading {
        report(
          .versionFromName, nil,
          "It has no sparkle:version; Sparkle takes \(FeedText.quoted(reading.version)) from the file's name.")
      } else {
        report(.versionMissing, nil, "It has no sparkle:version, so Sparkle rejects the whole feed.")
      }
    }
    if enclosure != nil, attribute == nil {
      report(.versionAttribute, "enclosure", "It has no sparkle:version, so the released client finds no build.")
    }
    if let attribute, let element, attribute != element {
      report(
        .versionDisagrees, "sparkle:version",
        "The enclosure says \(FeedText.quoted(attribute)) and wins; the element says \(FeedText.quoted(element)).")
    }
    if let attribute { checkBuild(attribute, "enclosure, sparkle:version") }
    if let element, element != attribute { checkBuild(element, "sparkle:version") }
    checkShortVersion()
    checkBounds()
  }

  private mutating func checkBuild(_ build: String, _ part: String) {
    let parsed = PackagingVersion(build)
    if parsed == nil {
      report(
        .versionUnparsable, part, "The released client cannot parse \(FeedText.quoted(build)) and does not update.")
    }
    if build.contains("-") {
      report(.versionAmbiguous, part, "Sparkle ignores everything from the first - of \(FeedText.quoted(build)) on.")
    } else if build.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7F }) || build.isEmpty {
      report(.versionAmbiguous, part, "Clients do not agree on how to read \(FeedText.quoted(build)).")
    } else if build.utf8.split(whereSeparator: { !DigitString.isDigit($0) }).contains(where: { $0.count > 18 }) {
      report(.versionAmbiguous, part, "Sparkle cannot count as far as \(FeedText.quoted(build)).")
    } else if let parsed, Self.clientsDisagree(on: build, parsed) {
      report(.versionAmbiguous, part, "Sparkle and the released client order \(FeedText.quoted(build)) differently.")
    }
  }

  /// Whether the two clients see a version on different sides of the numbers that it begins with.
  private static func clientsDisagree(on build: String, _ parsed: PackagingVersion) -> Bool {
    let numbers = String(build.prefix { $0.isNumber || $0 == "." })
    guard numbers != build, let plain = PackagingVersion(numbers.last == "." ? String(numbers.dropLast()) : numbers)
    else { return false }
    let order: VersionOrder = parsed == plain ? .same : parsed < plain ? .older : .newer
    return SparkleVersion.compare(build, to: numbers) != order
  }

  private mutating func checkShortVersion() {
    let attribute = enclosure?.attributes["sparkle:shortVersionString"]
    let element = item.text("sparkle:shortVersionString")
    if attribute == nil, element == nil {
      report(.shortVersion, nil, "It has no sparkle:shortVersionString, so people are shown the build.")
    } else if enclosure != nil, attribute == nil {
      report(
        .shortVersion, "enclosure", "It has no sparkle:shortVersionString, so the released client shows 1.0.0.")
    }
    if let attribute, let element, attribute != element {
      report(
        .shortVersionDisagrees, "sparkle:shortVersionString",
        "The enclosure says \(FeedText.quoted(attribute)) and wins; the element says \(FeedText.quoted(element)).")
    }
  }

  private mutating func checkBounds() {
    let bounds = ["minimumUpdateVersion", "minimumAutoupdateVersion", "ignoreSkippedUpgradesBelowVersion"]
    for name in bounds.map({ "sparkle:\($0)" }) {
      guard let bound = item.text(name) else { continue }
      if bound.isEmpty {
        report(.versionBound, name, "It is empty, so it bounds nothing.")
      } else if let reading, SparkleVersion.compare(bound, to: reading.version) == .newer {
        report(
          .versionBound, name,
          "\(FeedText.quoted(bound)) is above the item's own version \(FeedText.quoted(reading.version)).")
      }
    }
  }
}
