import NexyCore

/// An item as Sparkle understands it (`SUAppcastItem.m`, 2.6 to 2.9).
struct SparkleItem: Sendable {
  /// Why Sparkle cannot read an item, and with it rejects the whole feed.
  enum Unreadable: Error, Equatable {
    case noVersion
    case noEnclosure
    case noAddress
    case badScheme(String)
    case badInstallationType(String)
  }

  /// From which builds something holds.
  struct Builds: Sendable {
    /// Nothing in here means every build.
    var exact: Set<String> = []
    var below: [String] = []

    func contain(_ build: String) -> Bool {
      (exact.isEmpty && below.isEmpty) || exact.contains(build)
        || below.contains { SparkleVersion.compare(build, to: $0) == .older }
    }
  }

  let version: String
  let displayVersion: String
  /// What is downloaded; nil for an item that only informs.
  let address: String?
  /// Where more is told.
  let link: String?
  let isForThisSystem: Bool
  let isDelta: Bool
  /// nil for the default channel, which no client can leave.
  let channel: String?
  let minimumSystem: String?
  let maximumSystem: String?
  /// In lower case.
  let hardware: Set<String>
  let minimumUpdateVersion: String?
  let minimumAutoupdateVersion: String?
  /// The builds for which it is critical; nil for none.
  let critical: Builds?
  /// The builds for which it only informs; nil for none.
  let informational: Builds?
  /// Seconds between two groups of a phased rollout.
  let rolloutInterval: Int?
  /// Seconds since 1970, UTC.
  let publishedAt: Int64?
  /// The address of the update from each exact build.
  let deltas: [String: String]

  static let installationTypes: Set<String> = ["application", "package"]

  /// - Parameter isFeedSigned: a signed feed may not leave a version to the file's name.
  init(_ item: FeedItem, isFeedSigned: Bool) throws(Unreadable) {
    try self.init(item, enclosure: item.enclosure, isFeedSigned: isFeedSigned)
  }

  private init(
    _ item: FeedItem, enclosure: FeedElement?, isFeedSigned: Bool, isInner: Bool = false
  ) throws(Unreadable) {
    let attributes = enclosure?.attributes ?? [:]
    let deduced = isFeedSigned ? nil : attributes["url"].flatMap(Self.version(fromName:))
    guard let version = attributes["sparkle:version"] ?? item.text("sparkle:version") ?? deduced else {
      throw .noVersion
    }
    self.version = version
    displayVersion = attributes["sparkle:shortVersionString"] ?? item.text("sparkle:shortVersionString") ?? version
    link = item.text("link").flatMap { !$0.isEmpty && FeedAddress($0).isWeb ? $0 : nil }
    address = attributes["url"]
    if link == nil {
      if enclosure == nil { throw .noEnclosure }
      if address == nil { throw .noAddress }
    }
    if let address, !FeedAddress(address).isWeb { throw .badScheme(address) }
    if let type = attributes["sparkle:installationType"], !Self.installationTypes.contains(type) {
      throw .badInstallationType(type)
    }
    isForThisSystem = attributes["sparkle:os"].map { $0 == "macos" } ?? true
    isDelta = attributes["sparkle:deltaFrom"] != nil
    channel = item.text("sparkle:channel").flatMap { Self.isChannel($0) ? $0 : nil }
    minimumSystem = item.text("sparkle:minimumSystemVersion").flatMap(Self.nonempty)
    maximumSystem = item.text("sparkle:maximumSystemVersion").flatMap(Self.nonempty)
    hardware = Set(Self.hardwareWords(item.text("sparkle:hardwareRequirements") ?? ""))
    minimumUpdateVersion = item.text("sparkle:minimumUpdateVersion").flatMap(Self.nonempty)
    minimumAutoupdateVersion = item.text("sparkle:minimumAutoupdateVersion").flatMap(Self.nonempty)
    critical = Self.critical(item)
    informational = link == nil ? nil : enclosure == nil ? Builds() : Self.informational(item)
    rolloutInterval = item.text("sparkle:phasedRolloutInterval").map(Self.leadingInteger)
    publishedAt = item.publishedAt
    deltas = isInner ? [:] : Self.deltas(item, isFeedSigned: isFeedSigned)
  }

  /// The updates from exact builds; one that Sparkle cannot read is left out, and the last for a build wins.
  private static func deltas(_ item: FeedItem, isFeedSigned: Bool) -> [String: String] {
    var deltas: [String: String] = [:]
    for delta in item.deltas {
      guard let from = delta.attributes["sparkle:deltaFrom"],
        let read = try? Self(item, enclosure: delta, isFeedSigned: isFeedSigned, isInner: true)
      else { continue }
      if let address = read.address { deltas[from] = address }
    }
    return deltas
  }

  private static func critical(_ item: FeedItem) -> Builds? {
    if let element = item.element("sparkle:criticalUpdate") {
      return Builds(below: element.attributes["sparkle:version"].map { [$0] } ?? [])
    }
    let tags = item.element("sparkle:tags")?.children ?? []
    return tags.contains { $0.writtenName == "sparkle:criticalUpdate" } ? Builds() : nil
  }

  /// Sparkle wants its usual prefix on these children, whatever the namespace.
  private static func informational(_ item: FeedItem) -> Builds? {
    guard let element = item.element("sparkle:informationalUpdate") else { return nil }
    var builds = Builds()
    for child in element.children {
      switch child.writtenName {
      case "sparkle:version": builds.exact.insert(child.text)
      case "sparkle:belowVersion": builds.below.append(child.text)
      default: break
      }
    }
    return builds
  }

  /// `2.0` of `https://host/Name_2.0.dmg`; nil without an underscore.
  static func version(fromName address: String) -> String? {
    let parts = address.split(separator: "_", omittingEmptySubsequences: false)
    guard parts.count > 1, let last = parts.last else { return nil }
    let folders = last.lastIndex(of: "/").map(last.index(after:)) ?? last.startIndex
    guard let dot = last[folders...].lastIndex(of: "."), dot > folders else { return String(last) }
    return String(last[..<dot])
  }

  /// The value of an integer as Sparkle reads it: digits after blanks and a sign, 0 for anything else.
  static func leadingInteger(_ text: String) -> Int {
    let text = text.drop(while: \.isWhitespace)
    let isNegative = text.first == "-"
    var value = 0
    for byte in (isNegative || text.first == "+" ? text.dropFirst() : text).utf8 {
      guard DigitString.isDigit(byte) else { break }
      let (product, isLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, isLarger) = product.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
      if isLarge || isLarger { return isNegative ? .min : .max }
      value = sum
    }
    return isNegative ? -value : value
  }

  static func isChannel(_ name: String) -> Bool {
    !name.isEmpty && name.unicodeScalars.allSatisfy { "_.-".unicodeScalars.contains($0) || isAlphanumeric($0) }
  }

  static func hardwareWords(_ text: String) -> [String] {
    text.lowercased().split { $0 == "," || ($0.isWhitespace && !$0.isNewline) }.map(String.init)
  }

  /// Apple's alphanumerics are letters, marks and numbers of any script.
  private static func isAlphanumeric(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
      .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber:
      true
    default: false
    }
  }

  private static func nonempty(_ text: String) -> String? { text.isEmpty ? nil : text }
}

extension SparkleItem.Unreadable: CustomStringConvertible {
  /// As the end of a sentence that begins with the item.
  var description: String {
    switch self {
    case .noVersion: "has no sparkle:version"
    case .noEnclosure: "has neither an enclosure nor a web link"
    case .noAddress: "has an enclosure without url"
    case .badScheme: "has an enclosure url that is neither http nor https"
    case .badInstallationType: "has an unknown sparkle:installationType"
    }
  }
}
