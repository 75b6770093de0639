import Crypto
import NIOCore
import NIOPosix
import NexyCore
import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// SHA-256 of files, each worked out once in the background and kept as long as the file is the same.
///
/// `run` is to be placed in a service; without it nothing is ever known. Nobody waits here: what is not known yet is
/// queued, and known when it is asked for later.
package final class ChecksumLedger: Sendable {
  private struct State {
    var known: [FileStamp: String] = [:]
    var waiting: Set<FileStamp> = []
  }

  /// A file changed less than this long ago may be written again without another time stamp, because file
  /// systems count coarsely: ticks of the kernel, or 2 s on FAT.
  private static let settlingSeconds: Int64 = 2
  private static let chunkBytes = 256 << 10

  private let folder: DownloadFolder
  private let pool: NIOThreadPool
  private let capacity: Int
  private let now: @Sendable () -> Int64
  private let onRecorded: @Sendable (DownloadFolder.Entry) -> Void
  private let state = Mutex(State())
  private let jobs: AsyncStream<DownloadFolder.Entry>
  private let queue: AsyncStream<DownloadFolder.Entry>.Continuation

  /// - Parameters:
  ///   - pool: Reads and hashes, a piece at a time, so that others have their turn.
  ///   - capacity: How many checksums are kept.
  ///   - queueLimit: How many files wait; one more is queued when it is next asked for.
  ///   - now: Seconds since 1970.
  ///   - onRecorded: Told each file whose checksum has become known.
  package init(
    folder: DownloadFolder, pool: NIOThreadPool = .singleton, capacity: Int = 4096, queueLimit: Int = 64,
    now: @escaping @Sendable () -> Int64 = { Int64(time(nil)) },
    onRecorded: @escaping @Sendable (DownloadFolder.Entry) -> Void = { _ in }
  ) {
    self.folder = folder
    self.pool = pool
    self.capacity = capacity
    self.now = now
    self.onRecorded = onRecorded
    (jobs, queue) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(queueLimit))
  }

  /// 64 hexadecimal digits, lower case; nil while they are not known.
  package func checksum(of file: DownloadFolder.Entry) -> String? {
    state.withLock { state in
      if let known = state.known[file.stamp] { return known }
      guard abs(now() - file.stamp.changed) >= Self.settlingSeconds, !state.waiting.contains(file.stamp) else {
        return nil
      }
      if case .enqueued = queue.yield(file) { state.waiting.insert(file.stamp) }
      return nil
    }
  }

  /// Forgets the checksums of all files but these.
  package func keep(only files: [DownloadFolder.Entry]) {
    let stamps = Set(files.map(\.stamp))
    state.withLock { state in state.known = state.known.filter { stamps.contains($0.key) } }
  }

  /// Works until the task is cancelled, beginning with the files that are there; to be called once.
  package func run() async {
    let folder = folder
    let present = try? await pool.runIfActive { try folder.listing() }
    for file in present?.files ?? [] { _ = checksum(of: file) }
    for await file in jobs {
      let digest = try? await hash(file)
      let isRecorded = state.withLock { state in
        state.waiting.remove(file.stamp)
        guard let digest, state.known.count < capacity else { return false }
        state.known[file.stamp] = digest
        return true
      }
      if isRecorded { onRecorded(file) }
    }
  }

  /// Nil when the file is no longer the one that was asked for.
  private func hash(_ listed: DownloadFolder.Entry) async throws -> String? {
    let folder = folder
    guard let file = try await pool.runIfActive({ try folder.open(listed.name.utf8) }), file.stamp == listed.stamp
    else { return nil }
    let chunk = FileChunk(capacity: Self.chunkBytes)
    var hasher = SHA256()
    var offset: Int64 = 0
    while offset < file.stamp.size {
      try Task.checkCancellation()
      let end = min(offset + Int64(Self.chunkBytes), file.stamp.size)
      hasher = try await pool.runIfActive { [hasher, offset] in
        try file.read(offset..<end, into: chunk)
        var hasher = hasher
        chunk.bytes.withUnsafeReadableBytes { hasher.update(bufferPointer: $0) }
        return hasher
      }
      offset = end
    }
    return hasher.finalize().hexadecimal
  }
}
