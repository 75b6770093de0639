import Synchronization

/// What downloads may take of the server.
package struct DownloadLimits: Sendable, Equatable {
  /// How many bodies are sent at once.
  package var concurrent: Int
  /// Bytes a second of one connection; 0 for as many as it takes.
  package var rate: Int
  /// How long a client may take for one piece of at most 256 KiB, which only one that does not read needs.
  package var stall: Duration

  package init(concurrent: Int = 32, rate: Int = 0, stall: Duration = .seconds(60)) {
    self.concurrent = concurrent
    self.rate = rate
    self.stall = stall
  }
}

/// How many bodies are being sent.
final class DownloadSlots: Sendable {
  private let taken = Mutex(0)

  var count: Int { taken.withLock { $0 } }

  /// Nil when all are taken.
  func claim(limit: Int) -> DownloadSlot? {
    let isClaimed = taken.withLock { taken in
      guard taken < limit else { return false }
      taken += 1
      return true
    }
    return isClaimed ? DownloadSlot(self) : nil
  }

  fileprivate func giveBack() { taken.withLock { $0 -= 1 } }
}

/// The right to send one body; given back at its end, or when the response is dropped without having been sent.
final class DownloadSlot: Sendable {
  private let slots: DownloadSlots
  private let isHeld = Mutex(true)

  fileprivate init(_ slots: DownloadSlots) { self.slots = slots }

  deinit { release() }

  func release() {
    let wasHeld = isHeld.withLock { isHeld in
      defer { isHeld = false }
      return isHeld
    }
    if wasHeld { slots.giveBack() }
  }
}

/// Spreads the pieces of a download over time. A client that was slow for a while gets no burst afterwards.
struct DownloadPace {
  /// Bytes a second; 0 for no limit.
  let rate: Int
  private var next = Duration.zero

  init(rate: Int) { self.rate = rate }

  /// The piece to send at once, so that a slow rate does not come in lumps of seconds.
  func pieceBytes(upTo chunk: Int) -> Int { rate > 0 ? min(chunk, max(4096, rate / 4)) : chunk }

  /// How long to wait before a piece is sent.
  ///
  /// - Parameter now: Since the download began.
  mutating func wait(before bytes: Int, now: Duration) -> Duration {
    guard rate > 0 else { return .zero }
    let start = max(next, now)
    next = start + .seconds(bytes) / rate
    return start - now
  }
}
