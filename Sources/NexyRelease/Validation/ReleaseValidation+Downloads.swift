import Foundation
import NexyCore
import NexyUpdates

/// What clients get when they download.
extension ReleaseValidation {
  private static let publishAgain = "Publish the release again with `nexy release publish --channel beta`."
  private static let reach =
    "Make sure that its host is reached from here, or publish the release again with `nexy release publish --channel beta`."
  private static let signAgain =
    "Sign the published file with the key whose public half is UPDATE_PUBLIC_KEY, and publish it again."

  /// A file that somebody downloads.
  private struct Download {
    let name: String
    /// nil where nobody knows one.
    let url: String?
    let size: Int64
    let sha256: String
    let signature: String?
    /// Clients check this one's signature; without one they refuse it.
    let mustBeSigned: Bool
  }

  /// - Parameter offered: the address that the feed names; the manifest's is looked at where there is none.
  func downloads(offered: String?) async throws -> [ValidationCheck] {
    let artifact = manifest.artifact
    let first = Download(
      name: artifact.kind.rawValue, url: offered ?? artifact.url, size: artifact.size, sha256: artifact.sha256,
      signature: artifact.signature, mustBeSigned: true)
    let others = files.filter { $0.place?.url != first.url }.map { file in
      Download(
        name: file.role.rawValue == first.name ? "\(first.name) by its name" : file.role.rawValue, url: file.place?.url,
        size: file.size, sha256: file.sha256, signature: file.signature, mustBeSigned: false)
    }
    var checks: [ValidationCheck] = []
    for download in [first] + others { checks += try await self.checks(of: download) }
    return checks
  }

  private func checks(of download: Download) async throws -> [ValidationCheck] {
    let wanted = Self.described(status: 200, download.size, download.sha256)
    guard let url = download.url else {
      return [
        ValidationCheck(
          name: "\(download.name) download", expected: wanted, observed: "no address", passed: false,
          remedy: Self.publishAgain)
      ]
    }
    guard let publicKey, download.signature != nil || download.mustBeSigned else {
      return [
        try await transfer(download, expecting: wanted) { progress in try await web.digest(of: url, progress: progress)
        }
      ]
    }
    let path = "\(scratch)/nexy-validate-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let transfer = try await transfer(download, expecting: wanted) { progress in
      try await web.fetch(url, to: path, limit: max(download.size, 1), progress: progress)
    }
    let signature = try await check(
      "\(download.name) signature", expecting: "signed by UPDATE_PUBLIC_KEY", otherwise: Self.publishAgain
    ) {
      guard FileManager.default.fileExists(atPath: path) else {
        return .bad("nothing was downloaded", Self.publishAgain)
      }
      guard let text = download.signature else { return .bad("unsigned", Self.signAgain) }
      guard let signature = ArtifactSignature(base64: text), try signature.isValid(for: path, by: publicKey) else {
        return .bad("not this key's signature of these bytes", Self.signAgain)
      }
      return .good("signed by it")
    }
    return [transfer, signature]
  }

  private func transfer(
    _ download: Download, expecting wanted: String,
    _ get: (@escaping TransferProgress) async throws -> (answer: WebAnswer, digest: FileDigest?)
  ) async throws -> ValidationCheck {
    try await check("\(download.name) download", expecting: wanted, otherwise: Self.reach) {
      let (answer, digest) = try await get { [progress] bytes, total in progress(download.name, bytes, total) }
      guard let digest else { return .bad("\(answer.status)", Self.publishAgain) }
      let seen = Self.described(status: answer.status, digest.size, digest.sha256)
      let isTheSame = digest.size == download.size && digest.sha256 == download.sha256
      return isTheSame ? .good(seen) : .bad(seen, "Other bytes are served than were published. \(Self.publishAgain)")
    }
  }

  private static func described(status: Int, _ size: Int64, _ sha256: String) -> String {
    "\(status), \(size) bytes, sha256 \(sha256.prefix(12))…"
  }
}
