import Foundation
import NexyCore
import NexyRelease
import NexyUpdates
import Synchronization

/// A web of a few addresses, each with one answer; every other address does not answer.
final class FakeWeb: ReleaseWeb {
  private let answers: Mutex<[String: (status: Int, body: [UInt8])]>
  private let asked = Mutex<[String]>([])

  init(_ answers: [String: (status: Int, body: [UInt8])]) { self.answers = Mutex(answers) }

  /// Every address in the order in which it was asked for.
  var requests: [String] { asked.withLock(\.self) }

  func set(_ url: String, _ status: Int, _ body: [UInt8]) { answers.withLock { $0[url] = (status, body) } }
  func set(_ url: String, _ status: Int, _ text: String) { set(url, status, Array(text.utf8)) }
  func silence(_ url: String) { answers.withLock { $0[url] = nil } }

  func get(_ url: String, limit: Int) async throws -> WebAnswer {
    let (status, body) = try answer(url)
    guard body.count <= limit else { throw NexyError(.webUnreachable, "\(url) sent more than \(limit) bytes.") }
    return WebAnswer(status: status, headers: [:], body: body, duration: .zero)
  }

  func digest(of url: String, progress: @escaping TransferProgress) async throws -> (
    answer: WebAnswer, digest: FileDigest?
  ) {
    let path = FileManager.default.temporaryDirectory.appending(path: "nexy-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await fetch(url, to: path, limit: .max, progress: progress)
  }

  func fetch(
    _ url: String, to path: String, limit: Int64, progress: @escaping TransferProgress
  ) async throws -> (answer: WebAnswer, digest: FileDigest?) {
    let (status, body) = try answer(url)
    let answer = WebAnswer(status: status, headers: [:], body: [], duration: .zero)
    guard status == 200 else { return (answer, nil) }
    guard body.count <= limit else { throw NexyError(.webUnreachable, "\(url) sent more than \(limit) bytes.") }
    try AtomicFile.write(body, to: path, mode: 0o600)
    progress(Int64(body.count), Int64(body.count))
    return (answer, try await FileDigest.of(path))
  }

  private func answer(_ url: String) throws -> (status: Int, body: [UInt8]) {
    asked.withLock { $0.append(url) }
    guard let answer = answers.withLock({ $0[url] }) else {
      throw NexyError(.webUnreachable, "\(url) did not answer.")
    }
    return answer
  }
}
