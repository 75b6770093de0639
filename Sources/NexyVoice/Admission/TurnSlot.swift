import NexyCore
import Synchronization

/// One turn's or one welcome's place among those that run: it belongs to the turn, not to its session's name.
package final class TurnSlot: Sendable {
  /// Whose turn it is; a welcome is nobody's.
  package struct Owner: Sendable, Equatable {
    package let device: DeviceID
    package let session: SessionID

    package init(device: DeviceID, session: SessionID) {
      self.device = device
      self.session = session
    }
  }

  let owner: Owner?
  /// Whether a turn runs in it, and no welcome.
  package var isTurn: Bool { owner != nil }
  /// The way to stop what runs in the slot.
  package let interruption = Interruption()
  private let began: Duration
  private let watch: Stopwatch
  private let lastMovement: Atomic<Int64>

  init(owner: Owner?, watch: Stopwatch) {
    self.owner = owner
    self.watch = watch
    began = watch.elapsed
    lastMovement = Atomic(began.wholeNanoseconds)
  }

  /// Something reached the client.
  package func moved() { lastMovement.store(watch.elapsed.wholeNanoseconds, ordering: .relaxed) }

  /// Why the turn must end by now, if it must.
  func overdue(under limits: TurnLimits) -> NexyError? {
    let now = watch.elapsed
    if now - began >= limits.total { return .turnTimedOut }
    let quiet = now - .nanoseconds(lastMovement.load(ordering: .relaxed))
    return quiet >= limits.idle ? .turnIdle(limits.idle) : nil
  }
}
