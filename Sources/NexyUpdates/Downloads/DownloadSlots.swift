import Synchronization

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
