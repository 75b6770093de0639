import NexyCore
import NexyUpdates

/// What the feeds offer.
extension ReleaseValidation {
  private static let largestFeed = 1 << 20

  /// - Returns: the check, and the address that the feed sends clients to; nil where it names none.
  func channelFeed() async throws -> (ValidationCheck, offered: String?) {
    var offered: String?
    let check = try await check(
      "\(channel.rawValue) feed", expecting: "200, \(release) with its address, length and signature",
      otherwise: Self.startUpdates
    ) {
      let answer = try await web.get("\(updatesURL)/\(channel.feedName)", limit: Self.largestFeed)
      guard answer.status == 200 else {
        return .bad(
          Self.refusal(answer),
          channel == .beta
            ? "Set UPDATE_BETA_ENABLED=true for the staging runtime, and let it read the folder of the manifests."
            : "Let the update server read the folder that the manifests are written to (UPDATE_MANIFESTS_DIR).")
      }
      offered = try FeedReader().feed(from: answer.body).items.first?.attribute("url")
      return judge(answer.body)
    }
    return (check, offered)
  }

  private func judge(_ feed: [UInt8]) -> Observation {
    var findings = FeedVerification.verify(feed, manifest: manifest, publicKey: publicKey)
    // As everywhere, an unsigned release is refused only where releases are signed.
    let isUnsigned = manifest.artifact.signature == nil && publicKey == nil
    if isUnsigned { findings.removeAll { $0.rule == FeedRule.signatureMissing.rawValue } }
    guard let first = findings.first else {
      return .good("\(release)\(isUnsigned ? ", unsigned: clients with Sparkle refuse it" : "")")
    }
    let more = findings.count > 1 ? " (and \(findings.count - 1) more)" : ""
    return .bad("[\(first.rule)] \(first.place): \(first.message)\(more)", first.remedy)
  }

  /// Everybody must not have it yet.
  func stableFeed() async throws -> ValidationCheck {
    let isStableToo = stable.map { $0.build == manifest.build && $0.version == manifest.version } ?? false
    return try await check(
      "stable feed", expecting: isStableToo ? "\(release), which is stable already" : "not \(release)",
      otherwise: Self.startUpdates
    ) {
      let answer = try await web.get("\(updatesURL)/\(Channel.stable.feedName)", limit: Self.largestFeed)
      guard answer.status == 200 else {
        if stable == nil, [404, 500, 503].contains(answer.status) {
          return .good("\(answer.status), as nothing is released to stable yet")
        }
        return .bad(
          Self.refusal(answer),
          "Stable clients get no feed: see the update server's log, and the manifest.json that it reads.")
      }
      let items = try FeedReader().feed(from: answer.body).items
      let shown = items.map { Self.versions(of: $0) }
      let text = shown.isEmpty ? "no release" : shown.map { "\($0.version) (\($0.build))" }.joined(separator: ", ")
      let isShown = shown.contains {
        ReleaseVersion($0.build) == manifest.build || ReleaseVersion($0.version) == manifest.version
      }
      if isShown, !isStableToo {
        return .bad(
          text, "Stable clients are offered a release that was not promoted: `nexy release status` shows both channels."
        )
      }
      return .good(isShown ? "\(text), which is stable already" : text)
    }
  }

  private static func versions(of item: FeedItem) -> (version: String, build: String) {
    let build = item.attribute("sparkle:version") ?? item.text("sparkle:version") ?? "no build"
    return (item.attribute("sparkle:shortVersionString") ?? item.text("sparkle:shortVersionString") ?? build, build)
  }

  private static func refusal(_ answer: WebAnswer) -> String {
    let words = String(decoding: answer.body.prefix(100), as: UTF8.self).prefix { !$0.isNewline }
    return words.isEmpty ? "\(answer.status)" : "\(answer.status): \(words)"
  }

  private var release: String { "\(manifest.version) (\(manifest.build))" }
}
