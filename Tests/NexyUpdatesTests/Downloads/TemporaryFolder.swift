import Crypto
import Foundation
import NexyTestSupport

/// A folder that is there for one test.
final class TemporaryFolder: Sendable {
  /// When the files were last written, unless a test says otherwise.
  static let modified: Int64 = 784_111_777
  /// A time at which every file of a test has settled.
  static var settled: Int64 { Int64(time(nil)) + 1000 }

  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "nexy-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func path(_ name: String) -> String { path + "/" + name }

  @discardableResult
  func write(_ name: String, _ bytes: [UInt8], modified: Int64 = TemporaryFolder.modified) throws -> [UInt8] {
    try Data(bytes).write(to: URL(filePath: path(name)))
    setModified(name, modified)
    return bytes
  }

  /// A file of zeros that takes no room.
  func writeSparse(_ name: String, size: Int64) throws {
    try write(name, [])
    truncate(path(name), off_t(size))
    setModified(name, Self.modified)
  }

  func setModified(_ name: String, _ seconds: Int64) {
    var times = [timeval(tv_sec: time_t(seconds), tv_usec: 0), timeval(tv_sec: time_t(seconds), tv_usec: 0)]
    utimes(path(name), &times)
  }

  /// Returns once this process holds no file of the folder open; a thread may hold one for a moment after its work.
  func waitUntilClosed() async { while !openFiles.isEmpty { await Task.yield() } }

  /// The files of the folder that this process holds open; none are seen where there is no /proc.
  var openFiles: [String] {
    let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    return descriptors.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)") }
      .filter { $0.hasPrefix(path) }
  }
}

/// Bytes that repeat nowhere near, the same ones for the same seed.
func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
  var random = SplitMix64(seed: seed)
  return (0..<(count + 7) / 8).flatMap { _ in
    withUnsafeBytes(of: random.next()) { Array($0) }
  }.prefix(count).map(\.self)
}

func sha256(_ bytes: [UInt8]) -> String {
  SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
}
