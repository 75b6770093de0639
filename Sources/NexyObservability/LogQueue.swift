import Dispatch
import NexyCore
import Synchronization

/// Writes log lines beside the work that they tell of, so that a terminal or a disk that stands still holds no turn.
///
/// What waits is bounded: when it is too much, lines are dropped and counted, and the count is told once there is room.
package final class LogQueue: Sendable {
  /// Lines that may wait to be written.
  private static let limit = 10_000

  private let queue = DispatchQueue(label: "nexy.log", qos: .utility)
  private let waiting = Atomic(0)
  private let dropped = Atomic(0)
  private let onDropped: @Sendable (Int) -> Void

  /// - Parameter onDropped: Told how many lines were dropped, on the queue, before the next line.
  package init(onDropped: @escaping @Sendable (Int) -> Void) { self.onDropped = onDropped }

  /// Does a line's work after that of the lines before.
  func add(_ write: @escaping @Sendable () -> Void) {
    guard waiting.add(1, ordering: .relaxed).newValue <= Self.limit else {
      waiting.subtract(1, ordering: .relaxed)
      dropped.add(1, ordering: .relaxed)
      return
    }
    queue.async { [self] in
      waiting.subtract(1, ordering: .relaxed)
      let lost = dropped.exchange(0, ordering: .relaxed)
      if lost > 0 { onDropped(lost) }
      write()
    }
  }

  /// Waits until all lines are written, but not for ever.
  package func flush(within limit: DispatchTimeInterval = .seconds(2)) {
    let done = DispatchSemaphore(value: 0)
    queue.async { done.signal() }
    _ = done.wait(timeout: .now() + limit)
  }
}
