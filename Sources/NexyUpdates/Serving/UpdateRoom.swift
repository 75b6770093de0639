import Foundation
import HTTPTypes
import NexyCore
import Synchronization

/// What an update server is told at its start.
package struct UpdateOptions: Sendable {
  /// The folders of manifests and of files to download.
  package var manifests: String
  package var downloads: String
  /// Where clients reach the server, such as `https://host/updates`.
  package var publicURL: String?
  /// Hosts that a release may be downloaded from, beside the public one.
  package var allowedHosts: [String]
  /// What releases are signed with; nil checks no signature.
  package var publicKey: SparklePublicKey?
  package var limits: DownloadLimits
  /// Whether pages of any origin may read the answers.
  package var allowsAnyOrigin: Bool
  /// Asked at every request.
  package var isBetaOn: @Sendable () -> Bool
  /// Whether a signature fits the file at a path; nil where that cannot be found out now.
  package var checkSignature: @Sendable (_ signature: String, _ path: String) async -> Bool?

  package init(
    manifests: String, downloads: String, publicURL: String? = nil, allowedHosts: [String],
    publicKey: SparklePublicKey? = nil, limits: DownloadLimits, allowsAnyOrigin: Bool = true,
    isBetaOn: @escaping @Sendable () -> Bool,
    checkSignature: @escaping @Sendable (_ signature: String, _ path: String) async -> Bool? = { _, _ in nil }
  ) {
    self.manifests = manifests
    self.downloads = downloads
    self.publicURL = publicURL
    self.allowedHosts = allowedHosts
    self.publicKey = publicKey
    self.limits = limits
    self.allowsAnyOrigin = allowsAnyOrigin
    self.isBetaOn = isBetaOn
    self.checkSignature = checkSignature
  }
}

extension UpdateOptions {
  /// What lets pages of any origin read an answer; nothing where they may not.
  var originFields: HTTPFields { allowsAnyOrigin ? Self.anyOrigin : [:] }

  private static let anyOrigin: HTTPFields = [
    .accessControlAllowOrigin: "*", .accessControlAllowMethods: "GET, HEAD, OPTIONS",
    .accessControlAllowHeaders: "Content-Type, Authorization, Range, If-Range, If-None-Match, If-Modified-Since",
    .accessControlExposeHeaders: "Content-Length, Content-Range, Content-Disposition, ETag, Accept-Ranges, Retry-After",
  ]

  /// Where a release may come from: the hosts that are allowed, and the server's own.
  package static func rules(allowedHosts: [String], publicURL: String?) -> ManifestRules {
    ManifestRules(allowedHosts: allowedHosts + [publicURL.flatMap(host)].compactMap(\.self))
  }

  /// The host of an address, with its port where it names one, in lower case.
  package static func host(of address: String) -> String? {
    guard let parts = URLComponents(string: address), let host = parts.host?.lowercased() else { return nil }
    return parts.port.map { "\(host):\($0)" } ?? host
  }
}

/// Everything that updates are served from: manifests, files, and what was found out about them.
package struct UpdateRoom: Sendable {
  package let shelf: ReleaseShelf
  let options: UpdateOptions
  let downloads: DownloadShelf
  private let everything: DownloadShelf
  private let ledger: ChecksumLedger
  private let signatures = SignatureBook()
  private let ownHost: String?

  package init(_ options: UpdateOptions) {
    self.options = options
    ownHost = options.publicURL.flatMap(UpdateOptions.host)
    shelf = ReleaseShelf(
      folder: options.manifests,
      rules: UpdateOptions.rules(allowedHosts: options.allowedHosts, publicURL: options.publicURL),
      publicKey: options.publicKey, fields: options.originFields)
    let folder = DownloadFolder(path: options.downloads)
    ledger = ChecksumLedger(folder: folder)
    everything = DownloadShelf(folder: folder, ledger: ledger)
    downloads = DownloadShelf(folder: folder, ledger: ledger) { [shelf, isBetaOn = options.isBetaOn] file in
      isBetaOn() || !shelf.releases.isBetaOnly(file)
    }
  }

  /// How everything is now; a folder that cannot be read is one of its reasons.
  package func report() async -> UpdateReport {
    var reasons: [String] = []
    var files: [DownloadShelf.Item] = []
    do {
      let listing = try await everything.items()
      files = listing.files
      if listing.isTruncated {
        reasons.append("The downloads folder holds more files than are served: take some away.")
      }
    } catch {
      reasons.append("The downloads folder cannot be read: make it a folder that the server may read.")
    }
    var report = UpdateInspection(
      releases: shelf.releases, isInconsistent: shelf.isInconsistent, isBetaOn: options.isBetaOn(), files: files,
      ownHost: ownHost, canCheckSignatures: options.publicKey != nil,
      signatures: { [signatures] in signatures.verdict(of: $0, $1) }
    ).report()
    report.reasons += reasons
    return report
  }

  /// Works out checksums and checks signatures until the calling task is cancelled.
  package func run() async {
    await withDiscardingTaskGroup { group in
      group.addTask { [ledger] in await ledger.run() }
      group.addTask { await checkSignatures() }
    }
  }

  private func checkSignatures() async {
    guard options.publicKey != nil else { return }
    while (try? await Task.sleep(for: .seconds(1))) != nil {
      guard let files = try? await everything.items().files else { continue }
      let releases = shelf.releases
      for manifest in [releases.stable.manifest, releases.beta.manifest].compactMap(\.self) {
        let sha256 = manifest.artifact.sha256
        guard let signature = manifest.artifact.signature, signatures.isDue(sha256, signature),
          let file = files.first(where: { $0.checksum == sha256 })
        else { continue }
        let isValid = await options.checkSignature(signature, "\(options.downloads)/\(file.name)")
        // Another file may have taken the name meanwhile, and the verdict is of that one.
        let now = try? await everything.items().files.first { $0.name == file.name }
        signatures.note(now?.checksum == sha256 ? isValid : nil, of: sha256, signature)
      }
    }
  }
}

/// Which signatures fit which bytes: found out once, or tried again after a while.
private final class SignatureBook: Sendable {
  private struct Entry: Hashable {
    let sha256: String
    let signature: String
  }

  private struct Verdict {
    /// Nil when it could not be found out.
    let isValid: Bool?
    let time: ContinuousClock.Instant
  }

  private static let capacity = 100
  private static let pause = Duration.seconds(600)
  private let verdicts = Mutex<[Entry: Verdict]>([:])

  func verdict(of sha256: String, _ signature: String) -> Bool? {
    verdicts.withLock { $0[Entry(sha256: sha256, signature: signature)]?.isValid }
  }

  func isDue(_ sha256: String, _ signature: String) -> Bool {
    guard let verdict = verdicts.withLock({ $0[Entry(sha256: sha256, signature: signature)] }) else { return true }
    return verdict.isValid == nil && ContinuousClock.now - verdict.time >= Self.pause
  }

  func note(_ isValid: Bool?, of sha256: String, _ signature: String) {
    verdicts.withLock { verdicts in
      if verdicts.count >= Self.capacity { verdicts = [:] }
      verdicts[Entry(sha256: sha256, signature: signature)] = Verdict(isValid: isValid, time: .now)
    }
  }
}
