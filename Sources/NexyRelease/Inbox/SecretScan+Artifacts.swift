import Foundation
import NexyCore
import NexyUpdates

/// Files of any size: read once, a piece at a time.
extension SecretScan {
  /// Bytes of a piece.
  static let piece = 1 << 20
  /// Bytes that any form of `SecretShape` and `PrivateKeyBlock` takes, before and after the place where it is found.
  private static let room = 128
  /// An artifact with more of them needs no longer list.
  private static let mostFindings = 20

  /// Looks through an artifact for what is a secret beyond doubt: private keys in PEM, tokens of GitHub, live keys of Stripe, and
  /// the configured secrets.
  /// - Throws: `NexyError` with code `fileNotRead`; `CancellationError`.
  package func findings(inArtifact path: String, named name: String) async throws -> [Finding] {
    guard let file = FileHandle(forReadingAtPath: path) else {
      throw NexyError(.fileNotRead, "\(path) could not be opened. Check the path.")
    }
    defer { try? file.close() }
    let margin = max(Self.room, secrets.map(\.count).max() ?? 0)
    var findings: [Finding] = []
    // `window` begins at `offset`; what begins before `next` was looked at already.
    var (window, offset, next): ([UInt8], Int64, Int64) = ([], 0, 0)
    while findings.count < Self.mostFindings {
      try Task.checkCancellation()
      let more = try Self.piece(of: file, path)
      window += more
      let end = more.isEmpty ? window.count : max(0, window.count - margin)
      let range = Int(next - offset)..<max(end, Int(next - offset))
      window.withUnsafeBytes { bytes in
        for (index, rule, kind) in places(in: bytes, beginningIn: range) {
          findings.append(Self.finding(rule, kind, at: "\(name) byte \(offset + Int64(index))"))
        }
      }
      if more.isEmpty { break }
      next = offset + Int64(range.upperBound)
      let done = max(0, range.upperBound - margin)
      window.removeFirst(done)
      offset += Int64(done)
      await Task.yield()
    }
    return Array(findings.prefix(Self.mostFindings))
  }

  private func places(
    in bytes: UnsafeRawBufferPointer, beginningIn range: Range<Int>
  ) -> [(index: Int, rule: String, kind: String)] {
    var places: [(index: Int, rule: String, kind: String)] = []
    func look(for word: [UInt8], _ rule: String, _ kind: String, where isWhole: (Int) -> Bool) {
      var start = range.lowerBound
      while let index = bytes.index(of: word, from: start), index < range.upperBound {
        if isWhole(index) { places.append((index, rule, kind)) }
        start = index + 1
      }
    }
    look(for: PrivateKeyBlock.beginning, PrivateKeyBlock.rule, PrivateKeyBlock.kind) {
      PrivateKeyBlock.isWhole(at: $0, in: bytes)
    }
    for shape in SecretShape.all where shape.isCertain {
      look(for: shape.beginning, shape.rule, shape.kind) { shape.isWhole(at: $0, in: bytes) }
    }
    for secret in secrets { look(for: secret, "configured", "a configured secret") { _ in true } }
    return places.sorted { $0.index < $1.index }
  }

  private static func piece(of file: FileHandle, _ path: String) throws -> [UInt8] {
    do { return try file.read(upToCount: piece).map { [UInt8]($0) } ?? [] } catch {
      throw NexyError(.fileNotRead, "\(path) could not be read. Check the file.", cause: error)
    }
  }
}
