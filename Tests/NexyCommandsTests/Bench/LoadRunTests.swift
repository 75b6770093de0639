import NexyCore
import NexyTestSupport
import Synchronization
import Testing

@testable import NexyCommands

@Suite("A load is carried out as it was planned")
struct LoadRunTests {
  /// Runs a plan against a server whose requests take what `time` says of their number.
  private func run(
    _ plan: LoadPlan, _ time: @escaping @Sendable (_ number: Int) throws -> Duration
  ) async throws -> BenchRun.Round {
    let clock = VirtualClock()
    let ticking = clock.runs(by: .milliseconds(10))
    defer { ticking.cancel() }
    let numbers = Numbers()
    return try await LoadRun(plan: plan, clock: clock, figures: ["whole"]).run { _, start in
      try await clock.sleep(until: clock.now.advanced(by: try time(numbers.next())))
      return [start.duration(to: clock.now)]
    }.round(of: "server")
  }

  /// Ten milliseconds a request, and a second for one of them.
  private func stalling(_ number: Int) -> Duration { number == 5 ? .seconds(1) : .milliseconds(10) }

  @Test("an open loop counts from when each request was meant to begin, so that a stall shows all who waited")
  func openLoop() async throws {
    let round = try await run(LoadPlan(pace: .open(rate: 10), measured: .seconds(2)), stalling)
    let whole = try #require(round.latencies["whole"])
    // The sixth takes a second; the ten after it begin 900, 810, 720 … milliseconds late.
    #expect(round.count == 20)
    #expect(whole.count == 20)
    #expect(whole.p50.isAbout(100))
    #expect(whole.p95.isAbout(910))
    #expect(whole.max.isAbout(1000))
  }

  @Test("a closed loop asks less while the server stalls, and says so by its count alone")
  func closedLoop() async throws {
    let round = try await run(LoadPlan(measured: .seconds(2)), stalling)
    let whole = try #require(round.latencies["whole"])
    #expect(round.count == 101)
    #expect(whole.p99.isAbout(10))
    #expect(whole.max.isAbout(1000))
  }

  @Test("what an open loop gives up is a failure, and as late as it was then")
  func givingUp() async throws {
    let round = try await run(LoadPlan(pace: .open(rate: 10), measured: .seconds(1))) { number in
      number == 0 ? .seconds(12) : .milliseconds(10)
    }
    #expect(round.count == 1)
    #expect(round.errors == [LoadTally.notBegun: 9])
    #expect(try #require(round.latencies["whole"]).p50.isAbout(11_500))
  }

  @Test("the warm-up is not measured, and what ends inside the measured time makes the rate")
  func warmUp() async throws {
    let plan = LoadPlan(warmUp: .seconds(1), measured: .seconds(2))
    let round = try await run(plan) { $0 < 10 ? .milliseconds(100) : .milliseconds(20) }
    #expect(round.count == 100)
    #expect(round.perSecond == 50)
    #expect(try #require(round.latencies["whole"]).max.isAbout(20))
  }

  @Test("failures are counted by their kind and leave the latencies alone")
  func failures() async throws {
    let round = try await run(LoadPlan(pace: .open(rate: 10), measured: .seconds(2))) { number in
      if number.isMultiple(of: 4) { throw NexyError(.badTurn, "No audio.") }
      return .milliseconds(10)
    }
    #expect(round.count == 15)
    #expect(round.errors == ["bad_turn": 5])
    #expect(try #require(round.latencies["whole"]).count == 15)
  }

  @Test("no more requests are in flight than the plan allows", arguments: [LoadPlan.Pace.closed, .open(rate: 500)])
  func inFlight(pace: LoadPlan.Pace) async throws {
    let clock = VirtualClock()
    let ticking = clock.runs(by: .milliseconds(10))
    defer { ticking.cancel() }
    let flying = Mutex((now: 0, most: 0))
    let plan = LoadPlan(pace: pace, inFlight: 3, measured: .seconds(1))
    _ = try await LoadRun(plan: plan, clock: clock, figures: ["whole"]).run { _, start in
      flying.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
      defer { flying.withLock { $0.now -= 1 } }
      try await clock.sleep(until: clock.now.advanced(by: .milliseconds(50)))
      return [start.duration(to: clock.now)]
    }
    #expect(flying.withLock { $0.most } == 3)
  }
}

@Suite("A plan says when each request is meant to begin")
struct LoadPlanTests {
  private let plan = LoadPlan(pace: .open(rate: 4), warmUp: .seconds(1), measured: .seconds(2))

  @Test("so many a second, to the end", arguments: [(0, 0), (1, 250), (4, 1000), (11, 2750)])
  func schedule(number: Int, milliseconds: Int) {
    #expect(plan.intendedStart(of: number) == .milliseconds(milliseconds))
  }

  @Test("none after the end, and none in a closed loop")
  func end() {
    #expect(plan.intendedStart(of: 12) == nil)
    #expect(LoadPlan(measured: .seconds(2)).intendedStart(of: 0) == nil)
  }

  @Test(
    "measured is what begins between the warm-up and the end",
    arguments: [(999, false), (1000, true), (3000, false)])
  func measured(milliseconds: Int, isMeasured: Bool) {
    #expect(plan.isMeasured(.milliseconds(milliseconds)) == isMeasured)
  }
}

/// 0, 1, 2 … for whoever asks.
private final class Numbers: Sendable {
  private let last = Mutex(-1)

  func next() -> Int {
    last.withLock { last in
      last += 1
      return last
    }
  }
}

extension Double {
  /// Whether it is that figure, as exact as a histogram keeps it.
  fileprivate func isAbout(_ value: Double) -> Bool { abs(self - value) <= value / 500 }
}
