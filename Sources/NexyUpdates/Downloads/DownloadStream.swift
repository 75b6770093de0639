import Hummingbird
import NIOCore
import NIOPosix
import NexyCore
import Synchronization

/// Sends bytes of a file as a response's body, in constant memory: one piece is on its way to the client, one waits for
/// the client to take it, one is being read ahead.
struct DownloadStream: Sendable {
  let file: OpenFile
  let range: Range<Int64>
  let slot: DownloadSlot
  let limits: DownloadLimits
  let chunkBytes: Int
  let pool: NIOThreadPool
  /// The loop of the connection.
  let loop: any EventLoop
  let clock: any Clock<Duration>
  let onEnd: @Sendable (DownloadEnd) -> Void

  /// Throws when the announced length cannot be kept; the connection is then broken off, and the client sees it.
  func send(to writer: any ResponseBodyWriter) async throws {
    let watch = StallWatch(limit: limits.stall, clock: clock)
    let progress = Progress()
    do {
      // The writer is used by one child alone, and this task waits for it.
      let handed = HandedWriter(writer: writer)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask(executorPreference: EventLoopExecutor(loop)) {
          try await write(to: handed.writer, watch, progress)
        }
        if limits.stall > .zero { group.addTask { try await watch.guardWaits() } }
        defer { group.cancelAll() }
        try await group.next()
      }
      report(.complete, progress)
    } catch {
      report(reason(of: error), progress)
      throw error
    }
  }

  private func write(to writer: any ResponseBodyWriter, _ watch: StallWatch, _ progress: Progress) async throws {
    var writer = writer
    var pace = DownloadPace(rate: limits.rate)
    let piece = min(Int64(pace.pieceBytes(upTo: chunkBytes)), Int64(range.count))
    let chunks = (0..<3).map { _ in FileChunk(capacity: Int(piece)) }
    func part(_ index: Int) -> Range<Int64> {
      let start = min(range.lowerBound + Int64(index) * piece, range.upperBound)
      return start..<min(start + piece, range.upperBound)
    }
    var index = 0
    try await read(part(0), into: chunks[0])
    while !part(index).isEmpty {
      let bytes = chunks[index % chunks.count].bytes
      index += 1
      let (next, spare) = (part(index), chunks[index % chunks.count])
      async let ahead: Void = read(next, into: spare)
      let wait = pace.wait(before: bytes.readableBytes, now: watch.elapsed)
      if wait > .zero { try await clock.sleep(for: wait) }
      try await watch.timing { try await writer.write(bytes) }
      progress.add(bytes.readableBytes)
      try await ahead
    }
    let last = writer
    try await watch.timing { try await last.finish(nil) }
  }

  private func read(_ part: Range<Int64>, into chunk: FileChunk) async throws {
    guard !part.isEmpty else { return }
    try await pool.runIfActive { [file] in try file.read(part, into: chunk) }
  }

  private func report(_ reason: DownloadEnd.Reason, _ progress: Progress) {
    slot.release()
    onEnd(
      DownloadEnd(name: file.name, sent: progress.bytes, announced: Int64(range.count), reason: reason))
  }

  private func reason(of error: any Error) -> DownloadEnd.Reason {
    switch (error as? NexyError)?.code {
    case .downloadStalled: .stalled
    case .fileChanged: .changed
    case .fileNotRead: .unreadable
    default: .left
    }
  }
}

/// A writer, which is not `Sendable`, on its way to the one child task that uses it; nobody else does until that has
/// ended.
private struct HandedWriter: @unchecked Sendable {
  let writer: any ResponseBodyWriter
}

/// Bytes handed to the network.
private final class Progress: Sendable {
  private let count = Atomic<Int64>(0)
  var bytes: Int64 { count.load(ordering: .relaxed) }
  func add(_ more: Int) { count.wrappingAdd(Int64(more), ordering: .relaxed) }
}
