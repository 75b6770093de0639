/// Whether a feed is what a manifest and a key say.
package enum FeedVerification {
  /// - Parameters:
  ///   - manifest: What the feed must offer; nil checks no release.
  ///   - publicKey: What a signed feed must be signed by; an unsigned one is not refused, as most clients ask for none.
  /// - Returns: Everything that does not agree, and everything that clients would reject.
  package static func verify(
    _ bytes: [UInt8], manifest: Manifest?, publicKey: SparklePublicKey?
  ) -> [Finding] {
    var findings = FeedLint.findings(in: bytes).filter { $0.effect == .rejected }
    if let publicKey {
      switch SignedFeed(bytes).verdict(publicKey) {
      case .valid, .unsigned: break
      case .altered(let reason), .invalid(let reason):
        findings.append(
          Finding(
            .rejected, "feed-signature", at: "the feed's end", "The feed's signature is wrong: \(reason)",
            remedy: "Sign the feed as it is with `nexy updates sign --feed`."))
      }
    }
    guard let manifest, let feed = try? FeedReader().feed(from: bytes) else { return findings }
    findings += PublishedFeed.differences(of: feed, from: manifest).map { name in
      Finding(
        .rejected, "feed-and-manifest", at: "item 1, \(name)", "The feed's \(name) is not that of the manifest.",
        remedy: "Serve the feed of this manifest, or publish the manifest of this feed.")
    }
    return findings
  }
}
