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

  init?(_ item: FeedItem) {
    guard let enclosure = item.enclosure, let url = enclosure.attributes["url"] else { return nil }
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

  init?(_ value: JSONValue) {
    guard let members = value.object, let artifact = members["artifact"]?.object, let version = members.text("version"),
      let build = members.text("build"), let size = artifact.whole("size"), let sha256 = artifact.text("sha256")
    else { return nil }
    (self.version, self.build, self.size, self.sha256) = (version, build, Int64(size), sha256.lowercased())
    url = artifact.text("url") ?? ""
    signature = artifact.text("ed25519")
  }
}
