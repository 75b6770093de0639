import Crypto
import NexyCore

/// A file's size and SHA-256, read once from its beginning to its end, with the memory of one piece.
package struct FileDigest: Sendable, Equatable {
  /// As large as an artifact's size may be in a manifest.
  package static let largest = ManifestRules.largestArtifact
  /// Bytes that are read at once.
  package static let piece = 256 << 10

  /// Bytes.
  package let size: Int64
  /// 64 hexadecimal digits, lower case.
  package let sha256: String

  package init(size: Int64, sha256: String) {
    self.size = size
    self.sha256 = sha256
  }

  /// - Throws: `NexyError` with code `fileNotRead`, `fileTooLarge` (also for a file that grows without end) or
  ///   `fileChanged` (no digest describes a file that changes meanwhile); `CancellationError`.
  package static func of(_ path: String, largest: Int64 = largest) async throws -> Self {
    try await LocalFile.with(path) { file in try await of(file, largest: largest) }
  }

  /// The same of a file that is open already; the descriptor's own place in the file stays where it is.
  package static func of(descriptor: Int32, largest: Int64 = largest) async throws -> Self {
    try await of(LocalFile(path: "The file", descriptor: descriptor), largest: largest)
  }

  /// - Parameter take: given every piece, in order.
  /// - Throws: as `of(_:largest:)`; what `take` throws.
  package static func of(
    _ file: LocalFile, largest: Int64 = largest, _ take: (UnsafeRawBufferPointer) throws -> Void = { _ in }
  ) async throws -> Self {
    let before = try file.stamp()
    var digest = SHA256()
    var size: Int64 = 0
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: piece, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      try Task.checkCancellation()
      let count = try file.read(into: buffer, at: size)
      let read = UnsafeRawBufferPointer(rebasing: buffer[..<count])
      digest.update(bufferPointer: read)
      try take(read)
      size += Int64(count)
      guard size <= largest else { throw tooLarge(file.path, largest) }
      guard count == buffer.count else { break }
      await Task.yield()
    }
    guard try file.stamp().hasBytes(of: before), size == before.size else {
      throw NexyError(.fileChanged, "\(file.path) was changed while it was read. Try again when it is complete.")
    }
    return Self(size: size, sha256: digest.finalize().hexadecimal)
  }

  static func tooLarge(_ path: String, _ largest: Int64) -> NexyError {
    NexyError(.fileTooLarge, "\(path) is larger than \(largest) bytes. Give the artifact itself.")
  }
}
