import NexyCore

/// A feed that the publisher signed and put beside the manifests: served byte for byte, or not at all.
enum PublishedFeed {
  /// Why it is not served; nil when it is signed and says what the manifest says.
  ///
  /// - Parameter publicKey: Checks the signature; nil believes it, as clients check it for themselves.
  static func problem(_ bytes: [UInt8], manifest: Manifest, publicKey: SparklePublicKey?) -> String? {
    let signed = SignedFeed(bytes)
    guard let text = signed.signatureText else { return "it is not signed: nexy updates sign --feed signs it." }
    if let publicKey {
      switch signed.verdict(publicKey) {
      case .valid: break
      case .unsigned: return "it is not signed: nexy updates sign --feed signs it."
      case .altered(let reason), .invalid(let reason): return "its signature is wrong (\(reason)): sign it again."
      }
    } else if ArtifactSignature(base64: text) == nil || FeedTrailer(of: bytes)?.length != "\(signed.content.count)" {
      return "its signature or its length has a wrong form: sign it again."
    }
    do throws(NexyError) {
      let feed = try FeedReader().feed(from: bytes)
      // What else stood in it would be held to no rule of manifests.
      guard feed.items.count == 1, feed.items[0].elements("sparkle:deltas").isEmpty else {
        return "it has more than the one release of the manifest: sign a feed of that alone."
      }
      guard !FeedLint.findings(in: feed).contains(where: { $0.effect == .rejected }) else {
        return "clients would reject it: nexy updates lint tells why."
      }
      let differences = differences(of: feed, from: manifest)
      return differences.isEmpty
        ? nil : "its \(differences.joined(separator: ", ")) differs from the manifest's: sign the new feed."
    } catch {
      return error.message
    }
  }

  /// What its first item, the only one that the released client reads, says otherwise than the manifest.
  static func differences(of feed: Feed, from manifest: Manifest) -> [String] {
    let artifact = manifest.artifact
    let item = feed.items.first
    let read = item.flatMap(ReleasedItem.init)
    let build = item?.enclosure?.attributes["sparkle:version"] ?? item?.text("sparkle:version")
    return [
      ("build", read?.build == manifest.build.text && build == manifest.build.text),
      ("version", read?.version == manifest.version.text),
      ("address", read?.address == artifact.url),
      ("length", read?.length == "\(artifact.size)"),
      ("channel", item?.text("sparkle:channel") == manifest.feedChannel),
      ("signature", item?.enclosure?.attributes["sparkle:edSignature"] == artifact.signature),
    ].filter { !$0.1 }.map(\.0)
  }
}
