import NexyCore
import NexyUpdates

/// What a release is checked by from outside: plain GET requests that follow redirects, with a bound on everything.
package protocol ReleaseWeb: Sendable {
  /// A small answer, whatever its status.
  /// - Throws: `NexyError` with code `webUnreachable` (also for a body above `limit` bytes, and for a redirect from https to
  ///   http other than to this machine).
  func get(_ url: String, limit: Int) async throws -> WebAnswer

  /// An answer of any size, read once with the memory of one piece; the digest is nil unless the status is 200.
  /// - Throws: `NexyError` with code `webUnreachable`, also for a body that is cut short.
  func digest(of url: String, progress: @escaping TransferProgress) async throws -> (
    answer: WebAnswer, digest: FileDigest?
  )

  /// The same, put into a new file as it comes, whole or not at all; there is no file unless the status is 200.
  /// - Parameter limit: bytes; what has more is not gone on with.
  /// - Throws: `NexyError` with code `webUnreachable`, also for a body that is cut short or has more than `limit` bytes,
  ///   and `fileNotWritten`.
  func fetch(
    _ url: String, to path: String, limit: Int64, progress: @escaping TransferProgress
  ) async throws -> (answer: WebAnswer, digest: FileDigest?)
}

/// What a server said.
package struct WebAnswer: Sendable {
  package let status: Int
  /// By name in lower case; the last one counts.
  package let headers: [String: String]
  package let body: [UInt8]
  /// How long it took, to the end of the body.
  package let duration: Duration

  package init(status: Int, headers: [String: String], body: [UInt8], duration: Duration) {
    self.status = status
    self.headers = headers
    self.body = body
    self.duration = duration
  }
}

extension NexyError.Code {
  /// A server could not be asked, or its answer did not come whole.
  package static let webUnreachable = Self("web_unreachable")
}
