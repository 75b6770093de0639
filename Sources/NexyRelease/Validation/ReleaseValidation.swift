import NexyCore
import NexyUpdates

/// Holds a channel's release against the runtime that serves it: step B of the release guide, before a release goes on to
/// everybody.
///
/// All checks are made, also when one fails; a server that does not answer is a failed check.
package struct ReleaseValidation: Sendable {
  package let channel: Channel
  package let manifest: Manifest
  /// What was released beside the manifest's artifact.
  package let files: [ReleaseFile]
  /// The release that everybody has; nil before the first.
  package let stable: Manifest?
  /// The runtime's own address: `/health` and `/status` follow it.
  package let healthURL: String
  /// The update server's address, with or without `/updates`: `/health` and the feeds follow it.
  package let updatesURL: String
  /// What releases are signed with; nil checks no signature.
  package let publicKey: SparklePublicKey?
  /// The folder for a download while its signature is checked.
  package let scratch: String

  let web: any ReleaseWeb
  let progress: Progress

  /// Told of every piece of a download: whose it is, bytes so far, and of how many.
  package typealias Progress = @Sendable (_ file: String, _ bytes: Int64, _ total: Int64) -> Void

  package init(
    channel: Channel, manifest: Manifest, files: [ReleaseFile], stable: Manifest?, healthURL: String,
    updatesURL: String, publicKey: SparklePublicKey?, web: any ReleaseWeb, scratch: String,
    progress: @escaping Progress = { _, _, _ in }
  ) {
    self.channel = channel
    self.manifest = manifest
    self.files = files
    self.stable = stable
    self.healthURL = Self.withoutSlash(healthURL)
    self.updatesURL = Self.withoutSlash(updatesURL)
    self.publicKey = publicKey
    self.scratch = scratch
    self.web = web
    self.progress = progress
  }

  /// Makes all checks.
  /// - Throws: `CancellationError` alone, so that nobody takes a validation that was stopped for one that failed.
  package func receipt(in surroundings: LeaseSurroundings = .system) async throws -> ValidationReceipt {
    let started = surroundings.wallTime()
    var checks = try await [runtimeHealth(), runtimeStatus(), updatesHealth()]
    let (feed, offered) = try await channelFeed()
    checks.append(feed)
    if channel != .stable { checks.append(try await stableFeed()) }
    checks += try await downloads(offered: offered)
    return ValidationReceipt(
      self, checks: checks, startedAt: started, finishedAt: surroundings.wallTime(), host: surroundings.host)
  }

  /// Looks at one thing, and takes what goes wrong for what was seen.
  /// - Parameter remedy: what to do when nothing can be looked at.
  func check(
    _ name: String, expecting expected: String, otherwise remedy: String, _ look: () async throws -> Observation
  ) async throws -> ValidationCheck {
    try Task.checkCancellation()
    let began = ContinuousClock.now
    let seen: Observation
    do { seen = try await look() } catch let error as NexyError { seen = .bad(error.message, remedy) } catch {
      try Task.checkCancellation()
      seen = .bad("it failed: \(error)", remedy)
    }
    return ValidationCheck(
      name: name, expected: expected, observed: Self.brief(seen.text), passed: seen.remedy == nil,
      milliseconds: (ContinuousClock.now - began).wholeMilliseconds, remedy: seen.remedy)
  }

  private static func withoutSlash(_ url: String) -> String {
    var url = url
    while url.hasSuffix("/") { url.removeLast() }
    return url
  }

  /// What a server said of itself, short enough for a line and without what could be a secret.
  private static func brief(_ text: String) -> String {
    let text = Redaction.masked(text)
    return text.count <= 300 ? text : text.prefix(299) + "…"
  }
}
