import NexyCore
import NexyObservability
import NexyTestSupport
import NexyVoice
import Testing

@testable import NexyServer

@Suite("The server knows how it is")
struct ServerHealthTests {
  private static let conditions: [(troubles: [ServerHealth.Trouble.Kind], condition: String, serves: Bool)] = [
    ([], "OK", true), ([.settings], "degraded", true), ([.log], "degraded", true), ([.speech], "degraded", false),
    ([.draining], "draining", false), ([.speech, .draining, .log], "draining", false),
  ]

  @Test("troubles make a condition", arguments: conditions)
  func condition(troubles: [ServerHealth.Trouble.Kind], condition: String, serves: Bool) {
    let health = ServerHealth()
    for trouble in troubles { #expect(health.note(trouble, "why")) }
    #expect(health.report.condition.rawValue == condition)
    #expect(health.report.isServing == serves)
    for trouble in troubles { #expect(health.clear(trouble)) }
    #expect(health.report == ServerHealth.Report())
  }

  @Test("a trouble of the same kind is replaced, and the same one is no news")
  func replaced() {
    let health = ServerHealth()
    #expect(health.note(.settings, "first"))
    #expect(!health.note(.settings, "first"))
    #expect(health.note(.settings, "second"))
    #expect(health.report.troubles.map(\.reason) == ["second"])
    #expect(!health.clear(.log))
  }

  @Test("who watches hears the state now and each change, and is forgotten")
  func watch() async {
    let health = ServerHealth()
    let watch = health.watch()
    var reports = watch.reports.makeAsyncIterator()
    #expect(await reports.next()?.isServing == true)
    health.note(.speech, "gone")
    #expect(await reports.next()?.isServing == false)
    health.clear(.speech)
    #expect(await reports.next()?.isServing == true)
    #expect(health.watcherCount == 1)
    watch.stop()
    #expect(await reports.next() == nil)
    #expect(health.watcherCount == 0)
  }
}

@Suite("An engine that gives no sound is noticed, and so is its return")
struct SpeechWatchTests {
  private static let fine = FakeSynthesizer()
  private static let broken = FakeSynthesizer { _, _ in throw NexyError(.speechFailed, "no sound") }

  private func watch(
    _ synthesizer: any SpeechSynthesizer, _ outcomes: SpeechOutcomes, _ health: ServerHealth,
    clock: any Clock<Duration> = VirtualClock()
  ) -> SpeechWatch {
    SpeechWatch(synthesizer: synthesizer, outcomes: outcomes, health: health, log: .silent, clock: clock)
  }

  @Test("a failure means no engine is left only where none says a word of the watch's own", arguments: [true, false])
  func failure(isBroken: Bool) async {
    let (outcomes, health) = (SpeechOutcomes(), ServerHealth())
    outcomes.note(succeeded: false)
    await watch(isBroken ? Self.broken : Self.fine, outcomes, health).look()
    #expect(health.report.isServing == !isBroken)
    #expect(outcomes.isFailing == isBroken)
  }

  @Test("a success after a failure is the end of it")
  func success() async {
    let (outcomes, health) = (SpeechOutcomes(), ServerHealth())
    for succeeded in [false, true] { outcomes.note(succeeded: succeeded) }
    await watch(Self.broken, outcomes, health).look()
    #expect(health.report.isServing)
  }

  @Test("an engine that was missing at the start is not ready until it speaks")
  func missing() async {
    let (outcomes, health) = (SpeechOutcomes(isMissing: true), ServerHealth())
    await watch(Self.broken, outcomes, health).look()
    #expect(health.report.condition == .degraded)
    await watch(Self.fine, outcomes, health).look()
    #expect(health.report.condition == .ready)
  }

  @Test("an engine that works is not asked for words of its own")
  func quiet() async {
    let engine = FakeSynthesizer()
    await watch(engine, SpeechOutcomes(), ServerHealth()).look()
    #expect(engine.spoken.isEmpty)
  }

  @Test("an engine that never answers does not hold the watch")
  func hang() async {
    let clock = VirtualClock()
    let engine = FakeSynthesizer { _, _ in try await Gate().wait() }
    let (outcomes, health) = (SpeechOutcomes(isMissing: true), ServerHealth())
    let time = clock.runs(by: .seconds(1))
    defer { time.cancel() }
    await watch(engine, outcomes, health, clock: clock).look()
    #expect(!health.report.isServing)
  }

  @Test("what turns hear of an engine is counted")
  func metered() async throws {
    let outcomes = SpeechOutcomes()
    let engine = WatchedSynthesizer(Self.broken, outcomes: outcomes)
    for _ in 1...3 {
      await #expect(throws: NexyError.self) {
        try await engine.speak(Utterance(text: "hi", language: .english)) { _ in }
      }
    }
    #expect(outcomes.isFailing)
    outcomes.note(succeeded: true)
    let cancelled = WatchedSynthesizer(
      FakeSynthesizer { _, _ in throw CancellationError() }, outcomes: outcomes)
    await #expect(throws: CancellationError.self) {
      try await cancelled.speak(Utterance(text: "hi", language: .english)) { _ in }
    }
    #expect(!outcomes.isFailing)
  }
}
