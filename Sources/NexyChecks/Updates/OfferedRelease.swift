import NexyCore
import NexyUpdates

/// What a feed offers, as the released client reads it.
struct OfferedRelease: Sendable {
  let version: String
  let build: String
  let url: String
  let length: Int64
  let signature: String?
  let minimumSystem: String?
  let item: FeedItem

  init?(_ item: FeedItem) {
    guard let enclosure = item.enclosure, let url = enclosure.attributes["url"] else { return nil }
    self.item = item
    self.url = url
    version = enclosure.attributes["sparkle:shortVersionString"] ?? ""
    build = enclosure.attributes["sparkle:version"] ?? ""
    length = enclosure.attributes["length"].flatMap { Int64($0) } ?? 0
    signature = enclosure.attributes["sparkle:edSignature"]
    minimumSystem = enclosure.attributes["sparkle:minimumSystemVersion"]
  }
}

/// What `/updates/api/manifests` tells of one release.
struct ToldManifest: Sendable {
  let version: String
  let build: String
  let url: String
  let size: Int64
  let sha256: String
  let signature: String?
  /// What a feed says of it; nil where the manifest is one that no server would serve.
  let item: FeedItem?

  init?(_ value: JSONValue) {
    guard let members = value.object, let artifact = members["artifact"]?.object, let version = members.text("version"),
      let build = members.text("build"), let size = artifact.whole("size"), let sha256 = artifact.text("sha256")
    else { return nil }
    (self.version, self.build, self.size, self.sha256) = (version, build, Int64(size), sha256.lowercased())
    url = artifact.text("url") ?? ""
    signature = artifact.text("ed25519")
    item = Self.item(JSONWriter.pretty(value), from: url)
  }

  /// What of the release itself is offered otherwise, wherever it lies.
  func differences(_ offer: OfferedRelease) -> [String] {
    var faults = version == offer.version ? [] : ["the manifest's version is \(version)"]
    if size != offer.length { faults.append("the manifest's size is \(size), the feed's length \(offer.length)") }
    if signature != offer.signature { faults.append("the manifest has another signature") }
    return faults
  }

  /// What of it a feed's item leaves out or says otherwise.
  func differences(_ offered: FeedItem) -> [String] {
    guard let item else { return ["the manifest is none that may be served: see `nexy updates lint`"] }
    return item.elements.compactMap { wanted in
      guard let told = offered.element(wanted.name) else { return "no \(wanted.name)" }
      let name = wanted.attributes.keys.sorted().first { told.attributes[$0] != wanted.attributes[$0] }
      if let name { return "\(wanted.name)'s \(name) is \(told.attributes[name] ?? "missing")" }
      return told.text.trimmed == wanted.text.trimmed ? nil : "\(wanted.name) is \(told.text.trimmed.prefix(40))"
    }
  }

  /// The hosts that a server allows are its own matter.
  private static func item(_ bytes: [UInt8], from url: String) -> FeedItem? {
    let host = url.split(separator: "/").dropFirst().first.map(String.init)
    let manifest = Manifest.reading(bytes, rules: ManifestRules(allowedHosts: [host].compactMap(\.self))).manifest
    return manifest.flatMap { try? FeedReader().feed(from: Appcast.bytes(for: $0)) }?.items.first
  }
}
