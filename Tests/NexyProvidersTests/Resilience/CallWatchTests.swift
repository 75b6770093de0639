import NexyTestSupport
import NexyVoice
import Synchronization
import Testing

@testable import NexyProviders

@Suite(.timeLimit(.minutes(1))) struct CallWatchTests {
  private typealias Emit = CallWatch<String>.Emit

  private let clock = VirtualClock()
  private let listener = Listener()
  /// A text that begins with "#" is no part of the answer.
  private let watch: CallWatch<String>
  private let begun = Counter()

  init() {
    let budgets = CallBudgets(queue: .zero, first: .seconds(10), stall: .milliseconds(500), retryWindow: .zero)
    watch = CallWatch(budgets, clock: clock, begins: { !$0.hasPrefix("#") }, onBegin: { [begun] in begun.add() })
  }

  /// What a listener got.
  private final class Listener: Sendable {
    private let state = Mutex([String]())
    var heard: [String] { state.withLock { $0 } }
    func take(_ text: String) { state.withLock { $0.append(text) } }
  }

  private func running(_ call: @escaping @Sendable (Emit) async throws -> Void) -> Task<Void, any Error> {
    Task { try await watch.run(call) { listener.take($0) } }
  }

  /// Moves the clock on in steps while somebody sleeps, so that no deadline is jumped over.
  private func advance(by steps: Int, of step: Duration) async {
    for _ in 0..<steps {
      await clock.waitForSleepers(1)
      clock.advance(by: step)
    }
  }

  @Test func `an answer that does not begin in time is too slow`() async {
    let call = running { emit in
      try await emit("# usage is no answer")
      try await Gate().wait()
    }
    await advance(by: 100, of: .milliseconds(100))
    let fault = await #expect(throws: ProviderFault.self) { try await call.value }
    #expect(fault?.kind == .tooSlow)
    #expect(!watch.hasBegun)
  }

  @Test func `an answer that stands still is stalled`() async throws {
    let first = Gate()
    let call = running { emit in
      try await emit("first")
      first.open()
      try await Gate().wait()
    }
    try await first.wait()
    await advance(by: 5, of: .milliseconds(100))
    let fault = await #expect(throws: ProviderFault.self) { try await call.value }
    #expect(fault?.kind == .stalled)
    #expect(watch.hasBegun)
  }

  @Test func `usage does not keep a stalled answer alive`() async throws {
    let last = Gate()
    let call = running { [clock] emit in
      try await emit("first")
      clock.advance(by: .milliseconds(400))
      try await emit("# usage")
      last.open()
      try await Gate().wait()
    }
    try await last.wait()
    await advance(by: 1, of: .milliseconds(100))
    let fault = await #expect(throws: ProviderFault.self) { try await call.value }
    #expect(fault?.kind == .stalled)
  }

  @Test func `the time that the listener takes does not count`() async throws {
    let (held, release) = (Gate(), Gate())
    let call = Task {
      try await watch.run({ emit in
        for text in ["first", "# usage", "second"] { try await emit(text) }
      }) { text in
        listener.take(text)
        guard text == "first" else { return }
        held.open()
        try await release.wait()
      }
    }
    try await held.wait()
    await clock.waitForSleepers(1)
    for _ in 1...60 {
      clock.advance(by: .seconds(1))
      // Lets the watcher look, which the clock has woken.
      for _ in 1...5 { await Task.yield() }
    }
    release.open()
    try await call.value
    #expect(listener.heard == ["first", "# usage", "second"])
  }

  @Test func `every piece within its budget is in time, however long the whole takes`() async throws {
    try await running { [clock] emit in
      clock.advance(by: .milliseconds(9900))
      for _ in 1...50 {
        try await emit("piece")
        clock.advance(by: .milliseconds(400))
        // Lets the watcher look, which the clock has woken.
        for _ in 1...5 { await Task.yield() }
      }
    }.value
    #expect(listener.heard.count == 50)
  }

  @Test func `what comes after the end goes nowhere`() async {
    let call = running { emit in
      // Pays no heed to being cancelled.
      try? await Gate().wait()
      try await emit("late")
    }
    await advance(by: 1, of: .seconds(10))
    let fault = await #expect(throws: ProviderFault.self) { try await call.value }
    #expect(fault?.kind == .tooSlow)
    #expect(listener.heard == [])
  }

  @Test func `a listener's error is told from the provider's, even when the call ends well`() async {
    struct Left: Error {}
    let failure = await #expect(throws: ListenerFailure.self) {
      try await watch.run({ emit in
        try? await emit("first")
        try? await emit("second")
      }) { text in
        listener.take(text)
        throw Left()
      }
    }
    #expect(failure?.error is Left)
    #expect(listener.heard == ["first"])
  }

  @Test func `the beginning is told once, and not by usage`() async throws {
    try await running { [begun] emit in
      try await emit("# usage")
      #expect(begun.value == 0)
      try await emit("first")
      try await emit("second")
    }.value
    #expect(begun.value == 1)
  }

  @Test func `cancellation ends the call`() async {
    let call = running { _ in try await Gate().wait() }
    await clock.waitForSleepers(1)
    call.cancel()
    await #expect(throws: CancellationError.self) { try await call.value }
  }
}
