import NexyCore
import NexyWire
import Synchronization

/// A client that reports usage and notes what was acknowledged: every report is of a device of its own.
final class Reporter: Sendable {
  private struct State {
    var acknowledged: Set<String> = []
    var refused: Set<String> = []
  }

  private static let pause = Duration.milliseconds(20)
  private let state = Mutex(State())

  /// Whose reports the server promised to keep.
  var acknowledged: Set<String> { state.withLock { $0.acknowledged } }

  /// Whose reports it said it could not keep.
  var refused: Set<String> { state.withLock { $0.refused } }

  /// Good when all was acknowledged, and all of it is kept.
  func sight(_ book: UsageBook) -> Sight {
    let (kept, refused) = state.withLock { ($0.acknowledged, $0.refused.count) }
    let faults = book.faults(kept) + (refused > 0 ? ["\(refused) reports were refused"] : [])
    return kept.isEmpty ? .bad("not one report was acknowledged") : .of(faults, otherwise: "\(kept.count), all there")
  }

  /// Reports while `body` runs; a report that fails promises nothing.
  func during<Value: Sendable>(_ target: CheckTarget, _ body: @Sendable () async throws -> Value) async throws -> Value
  {
    try await VoiceLine.with(target, patience: ChaosTimes.page) { line in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<2 {
          group.addTask {
            while !Task.isCancelled {
              _ = try? await self.report(line)
              try await Task.sleep(for: Self.pause)
            }
          }
        }
        defer { group.cancelAll() }
        return try await body()
      }
    }
  }

  /// Reports so many times.
  func report(_ target: CheckTarget, _ times: Int) async throws {
    try await VoiceLine.with(target, patience: ChaosTimes.page) { line in
      for _ in 0..<times { try await self.report(line) }
    }
  }

  /// Reports once.
  /// - Returns: Whether it was acknowledged.
  @discardableResult
  func report(_ line: VoiceLine) async throws -> Bool {
    let device = CheckRequests.device()
    let isKept = try await line.reportUsage(CheckRequests.usage(device: device)).success
    state.withLock { state in
      if isKept { _ = state.acknowledged.insert(device) } else { _ = state.refused.insert(device) }
    }
    return isKept
  }
}
