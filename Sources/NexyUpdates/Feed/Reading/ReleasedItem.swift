import NexyCore

/// The first item of a feed as the released client reads it: attributes of the enclosure, and nothing else.
struct ReleasedItem: Sendable {
  /// How the released client would install a download.
  enum Kind: String, Sendable { case dmg, pkg, zip }

  /// What it compares; nil when the attribute is missing.
  let build: String?
  /// What it shows; `1.0.0` when the attribute is missing.
  let version: String
  let address: String?
  /// As it is written.
  let length: String?
  let minimumSystem: String?

  /// - Returns: nil without an enclosure.
  init?(_ item: FeedItem) {
    guard let enclosure = item.elements("enclosure").first else { return nil }
    // Python's parser knows Sparkle's attributes by their namespace alone.
    let attributes = enclosure.attributes.filter { !enclosure.strayAttributes.contains($0.key) }
    build = attributes["sparkle:version"]
    version = attributes["sparkle:shortVersionString"] ?? "1.0.0"
    address = attributes["url"]
    length = attributes["length"]
    minimumSystem = attributes["sparkle:minimumSystemVersion"]
  }

  /// By the suffix of the address; a package when it has none of the three.
  var kind: Kind { Kind(rawValue: address.map { FeedAddress($0).suffix } ?? "") ?? .pkg }

  /// Bytes, as Python's `int` reads them; 0 switches the check of the size off.
  static func bytes(_ length: String) -> Int64? {
    let digits = length.trimmed
    guard !digits.isEmpty, digits.utf8.allSatisfy(DigitString.isDigit) else { return nil }
    return Int64(digits)
  }
}
