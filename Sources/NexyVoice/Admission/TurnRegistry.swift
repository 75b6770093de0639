import NexyCore
import Synchronization

/// The turns that run now: lets them in, ends those that are overdue, and finds them for an interrupt and a shutdown.
package final class TurnRegistry: Sendable {
  private struct State {
    var lastID: UInt64 = 0
    var slots: [UInt64: TurnSlot] = [:]
    var turns = 0
    var isDraining = false

    var welcomes: Int { slots.count - turns }

    /// The sessions that run on a device, the oldest first; what was stopped no longer stands in its way.
    func sessions(of device: DeviceID) -> [SessionID] {
      let own = slots.filter { $0.value.owner?.device == device && !$0.value.interruption.isTripped }
      return own.sorted { $0.key < $1.key }.compactMap(\.value.owner?.session)
    }

    func isRunning(_ session: SessionID) -> Bool {
      slots.values.contains { $0.owner?.session == session && !$0.interruption.isTripped }
    }

    /// Whether the device has a turn in a slot, be it one that was stopped.
    func holdsSlot(_ device: DeviceID) -> Bool { slots.values.contains { $0.owner?.device == device } }
  }

  /// How exact the limits of time are.
  private static let tick = Duration.milliseconds(250)
  /// How long a turn waits for one of its own device to leave, and how often it looks.
  private static let patience = (looks: 20, every: Duration.milliseconds(5))

  package let limits: TurnLimits
  private let watch: Stopwatch
  private let clock: any Clock<Duration>
  private let state = Mutex(State())

  package init(limits: TurnLimits = TurnLimits(), clock: any Clock<Duration> = SharedClock()) {
    self.limits = limits
    self.clock = clock
    watch = Stopwatch(clock)
  }

  /// How many turns and welcomes run now.
  package var count: Int { state.withLock { $0.slots.count } }

  /// How many turns run now.
  package var turnCount: Int { state.withLock { $0.turns } }

  /// Whether the server stops: what runs may finish, nothing new begins.
  package var isDraining: Bool { state.withLock { $0.isDraining } }

  /// The server stops now.
  package func beginDraining() { state.withLock { $0.isDraining = true } }

  /// Runs `work` in a slot of its own, or refuses; nobody else can free the slot.
  ///
  /// - Parameter owner: Whose turn it is; nil for a welcome.
  /// - Throws: `NexyError` with code `shuttingDown`, `turnLimitReached`, `sessionBusy` or `deviceBusy` before `work`
  ///   began, or what `work` threw.
  package func withSlot<Result>(
    for owner: TurnSlot.Owner?, _ work: (TurnSlot) async throws -> Result
  ) async throws -> Result {
    let (id, slot) = try await admitPatiently(owner)
    defer { release(id, owner) }
    return try await work(slot)
  }

  /// A client that stops a turn and speaks again at once is heard in either order: that it left, and its new turn,
  /// arrive as calls of their own. So who stands in nobody's way but its own is refused a moment later.
  private func admitPatiently(_ owner: TurnSlot.Owner?) async throws -> (UInt64, TurnSlot) {
    for _ in 0..<Self.patience.looks where holdsSlot(owner?.device) {
      if let admitted = try? admit(owner) { return admitted }
      guard (try? await clock.sleep(for: Self.patience.every)) != nil else { break }
    }
    return try admit(owner)
  }

  private func holdsSlot(_ device: DeviceID?) -> Bool {
    guard let device else { return false }
    return state.withLock { $0.holdsSlot(device) }
  }

  private func admit(_ owner: TurnSlot.Owner?) throws(NexyError) -> (UInt64, TurnSlot) {
    let admitted = state.withLock { state -> Swift.Result<(UInt64, TurnSlot), NexyError> in
      if let refusal = refusal(of: owner, state) { return .failure(refusal) }
      state.lastID += 1
      let slot = TurnSlot(owner: owner, watch: watch)
      state.slots[state.lastID] = slot
      if owner != nil { state.turns += 1 }
      return .success((state.lastID, slot))
    }
    return try admitted.get()
  }

  private func refusal(of owner: TurnSlot.Owner?, _ state: State) -> NexyError? {
    if state.isDraining { return .shuttingDown }
    let active = owner == nil ? state.welcomes : state.turns
    if active >= limits.turns { return .turnLimitReached(limits.turns, active: active) }
    guard let owner else { return nil }
    // Two devices may not share a session either.
    if state.isRunning(owner.session) { return .sessionBusy(owner.session) }
    let sessions = state.sessions(of: owner.device)
    if sessions.count >= limits.turnsPerDevice { return .deviceBusy(owner.device, active: sessions) }
    return nil
  }

  private func release(_ id: UInt64, _ owner: TurnSlot.Owner?) {
    state.withLock { state in
      state.slots[id] = nil
      if owner != nil { state.turns -= 1 }
    }
  }

  /// Ends turns that take too long or stand still, until it is cancelled.
  package func enforceLimits() async {
    while (try? await clock.sleep(for: Self.tick)) != nil {
      for slot in state.withLock({ Array($0.slots.values) }) {
        if let reason = slot.overdue(under: limits) { slot.interruption.trip(reason) }
      }
    }
  }

  /// Stops every running turn of one device and tells their sessions, the oldest first.
  package func interrupt(_ device: DeviceID, _ reason: NexyError = .interrupted) -> [SessionID] {
    stop(reason) { $0.owner?.device == device }
  }

  /// Stops every running turn and welcome.
  ///
  /// - Returns: How many there were.
  @discardableResult
  package func interruptAll(_ reason: NexyError) -> Int {
    stop(reason) { _ in true }.count
  }

  private func stop(_ reason: NexyError, where matches: (TurnSlot) -> Bool) -> [SessionID] {
    let slots = state.withLock { $0.slots.filter { matches($0.value) } }.sorted { $0.key < $1.key }
    for slot in slots { slot.value.interruption.trip(reason) }
    return slots.compactMap(\.value.owner?.session)
  }
}
