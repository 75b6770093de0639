import NexyVoice
import Synchronization

/// Holds one call to its budgets: the time to its first element and the time between two of them.
///
/// Only the provider's silence counts, never the time that the listener takes an element. An element costs two short
/// locks: no task and no timer is made for it. One watcher sleeps until the deadline, a second at most, and looks again:
/// what passed meanwhile may have moved it.
final class CallWatch<Element: Sendable>: Sendable {
  typealias Emit = @Sendable (Element) async throws -> Void

  private struct State {
    /// When the wait began that goes on now.
    var waitingSince = Duration.zero
    /// Since when the listener has been taking an element.
    var heldSince: Duration?
    var hasBegun = false
    /// Why the call was ended.
    var fault: ProviderFault?
    var listenerError: (any Error)?
  }

  private let budgets: CallBudgets
  private let clock: any Clock<Duration>
  private let watch: Stopwatch
  private let state = Mutex(State())
  private let begins: @Sendable (Element) -> Bool
  private let onBegin: @Sendable () -> Void
  private let givenUp = CallGivenUp()

  /// The time runs from here.
  ///
  /// - Parameters:
  ///   - begins: Whether an element is part of the answer; another one passes, but ends no wait.
  ///   - onBegin: Called once, before the first part of the answer passes.
  init(
    _ budgets: CallBudgets, clock: any Clock<Duration>, begins: @escaping @Sendable (Element) -> Bool,
    onBegin: @escaping @Sendable () -> Void = {}
  ) {
    self.budgets = budgets
    self.clock = clock
    self.begins = begins
    self.onBegin = onBegin
    watch = Stopwatch(clock)
  }

  /// Whether a part of the answer has passed.
  var hasBegun: Bool { state.withLock { $0.hasBegun } }

  /// Runs the call until it ends or is ended.
  ///
  /// - Throws: `ProviderFault` of kind `tooSlow` or `stalled`, `ListenerFailure`, or what the call threw.
  func run(_ call: @escaping @Sendable (@escaping Emit) async throws -> Void, emit: @escaping Emit) async throws {
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          try await CallGivenUp.$current.withValue(self.givenUp) {
            try await call { try await self.pass($0, to: emit) }
          }
        }
        group.addTask { try await self.guardWaits() }
        defer { group.cancelAll() }
        try await group.next()
      }
    } catch {
      try throwListenerError()
      throw state.withLock { $0.fault } ?? error
    }
    try throwListenerError()
  }

  private func pass(_ element: Element, to emit: Emit) async throws {
    let isPart = begins(element)
    let isFirst = try state.withLock { state in
      // What still comes from a call that was given up would mix with the next one's answer.
      guard state.fault == nil, state.listenerError == nil else { throw CancellationError() }
      state.heldSince = watch.elapsed
      defer { state.hasBegun = state.hasBegun || isPart }
      return isPart && !state.hasBegun
    }
    if isFirst { onBegin() }
    do {
      try await emit(element)
    } catch {
      state.withLock { $0.listenerError = error }
      throw error
    }
    state.withLock { state in
      let now = watch.elapsed
      state.waitingSince = isPart ? now : state.waitingSince + now - (state.heldSince ?? now)
      state.heldSince = nil
    }
  }

  private func guardWaits() async throws {
    while true { try await clock.sleep(for: look()) }
  }

  /// How long until the next look; throws, and ends the call, when a budget is used up.
  private func look() throws(ProviderFault) -> Duration {
    let step = max(.milliseconds(1), min(.seconds(1), budgets.first, budgets.stall))
    return try state.withLock { state throws(ProviderFault) in
      guard state.heldSince == nil else { return step }
      let budget = state.hasBegun ? budgets.stall : budgets.first
      let rest = state.waitingSince + budget - watch.elapsed
      if rest > .zero { return min(rest, step) }
      let fault =
        state.hasBegun
        ? ProviderFault(.stalled, "The answer stood still for \(budget). Check the provider's status and the network.")
        : ProviderFault(.tooSlow, "No answer began within \(budget). Check the provider's status and the network.")
      state.fault = fault
      givenUp.note()
      throw fault
    }
  }

  private func throwListenerError() throws {
    if let error = state.withLock({ $0.listenerError }) { throw ListenerFailure(error: error) }
  }
}

/// The listener failed, not the provider.
struct ListenerFailure: Error {
  let error: any Error
}
