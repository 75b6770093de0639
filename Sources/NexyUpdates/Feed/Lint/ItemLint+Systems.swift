import NexyCore

/// What system and what hardware an item is for.
extension ItemLint {
  mutating func checkSystems() {
    let element = item.text("sparkle:minimumSystemVersion")
    let attribute = enclosure?.attributes["sparkle:minimumSystemVersion"]
    switch (element, attribute) {
    case (nil, let attribute?):
      report(
        .systemElement, "enclosure, sparkle:minimumSystemVersion",
        "Sparkle reads the element only, so it offers the item below \(FeedText.quoted(attribute)) too.")
    case (let element?, nil) where enclosure != nil:
      report(
        .systemAttribute, "enclosure",
        "The released client reads the attribute only, so it does not know of \(FeedText.quoted(element)).")
    case (let element?, let attribute?) where element != attribute:
      report(
        .systemDisagrees, "sparkle:minimumSystemVersion",
        "The element says \(FeedText.quoted(element)), the enclosure \(FeedText.quoted(attribute)).")
    default: break
    }
    if let element { checkParts(element, "sparkle:minimumSystemVersion") }
    if let attribute, attribute != element { checkParts(attribute, "enclosure, sparkle:minimumSystemVersion") }
    checkMaximum()
    checkHardware()
  }

  private mutating func checkParts(_ version: String, _ part: String) {
    guard ReleaseVersion(version) != nil, version.utf8.count(where: { $0 == UInt8(ascii: ".") }) == 2 else {
      report(.systemParts, part, "\(FeedText.quoted(version)) does not have three parts.")
      return
    }
  }

  private mutating func checkMaximum() {
    guard let maximum = item.text("sparkle:maximumSystemVersion") else { return }
    checkParts(maximum, "sparkle:maximumSystemVersion")
    if let minimum = reading?.minimumSystem, SparkleVersion.compare(maximum, to: minimum) == .older {
      report(
        .systemsCrossed, "sparkle:maximumSystemVersion",
        "\(FeedText.quoted(maximum)) is below the minimum \(FeedText.quoted(minimum)), so no Mac is offered the item.")
    }
  }

  private mutating func checkHardware() {
    guard let text = item.text("sparkle:hardwareRequirements") else { return }
    let words = SparkleItem.hardwareWords(text)
    let unknown = words.first { $0 != "arm64" }
    if words.isEmpty || unknown != nil {
      report(
        .hardwareUnknown, "sparkle:hardwareRequirements",
        "Sparkle knows arm64 only, not \(FeedText.quoted(unknown ?? "")).")
    }
  }
}
