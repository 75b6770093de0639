import NexyTestSupport
import Testing

@testable import NexyProviders

@Suite struct BreakerCoreTests {
  enum Step: Sendable {
    /// A call is let in and ends so.
    case succeeds, abandons
    case fails(ProviderFault.Kind, retryAfter: Duration? = nil)
    /// A call is not let in.
    case refused
    case passes(Duration)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let steps: [Step]
    /// The state in the end, with the time left, and every change on the way.
    let state: String
    let changes: [String]
  }

  private static let revoked = Step.fails(.keyInvalid)

  static let cases = [
    Case(
      testDescription: "three faults in a row open it",
      steps: [.fails(.failing), .fails(.tooSlow), .fails(.unreachable), .refused],
      state: "open unreachable 300", changes: ["opened 300"]),
    Case(
      testDescription: "a success between them starts the count anew",
      steps: [.fails(.failing), .fails(.failing), .succeeds, .fails(.failing), .fails(.failing)],
      state: "closed", changes: []),
    Case(
      testDescription: "a cancelled call tells nothing",
      steps: [.fails(.failing), .fails(.failing), .abandons, .fails(.failing), .refused],
      state: "open failing 300", changes: ["opened 300"]),
    Case(
      testDescription: "what the request brought about shows that the provider works",
      steps: [.fails(.failing), .fails(.failing), .fails(.blocked), .fails(.failing), .fails(.requestRefused)],
      state: "closed", changes: []),
    Case(
      testDescription: "a refused key opens it at once", steps: [revoked, .refused],
      state: "open key_invalid 300", changes: ["opened 300"]),
    Case(
      testDescription: "an expired key opens it at once",
      steps: [.fails(.keyExpired), .passes(.seconds(100)), .refused],
      state: "open key_expired 200", changes: ["opened 300"]),
    Case(
      testDescription: "a long delay of the provider's own opens it for that long",
      steps: [.fails(.quota, retryAfter: .seconds(60)), .refused], state: "open quota 60", changes: ["opened 60"]),
    Case(
      testDescription: "a short one does not",
      steps: [.fails(.quota, retryAfter: .seconds(4))], state: "closed", changes: []),
    Case(
      testDescription: "who says when to come back is asked then, however often",
      steps: Array(repeating: .fails(.quota, retryAfter: .seconds(3)), count: 3), state: "open quota 3",
      changes: ["opened 3"]),
    Case(
      testDescription: "nobody waits for a day",
      steps: [.fails(.quota, retryAfter: .seconds(86_400))], state: "open quota 3600", changes: ["opened 3600"]),
    Case(
      testDescription: "it opens half when its time is over", steps: [revoked, .passes(.seconds(300))],
      state: "half_open key_invalid", changes: ["opened 300"]),
    Case(
      testDescription: "a probe's success closes it",
      steps: [revoked, .passes(.seconds(300)), .succeeds, .fails(.failing), .fails(.failing)],
      state: "closed", changes: ["opened 300", "halfOpened", "closed"]),
    Case(
      testDescription: "a probe's fault opens it again",
      steps: [revoked, .passes(.seconds(300)), .fails(.failing), .refused],
      state: "open failing 300", changes: ["opened 300", "halfOpened", "opened 300"]),
    Case(
      testDescription: "a blocked probe closes it",
      steps: [revoked, .passes(.seconds(300)), .fails(.blocked)],
      state: "closed", changes: ["opened 300", "halfOpened", "closed"]),
    Case(
      testDescription: "a cancelled probe makes room for the next",
      steps: [revoked, .passes(.seconds(300)), .abandons, .abandons, .succeeds],
      state: "closed", changes: ["opened 300", "halfOpened", "closed"]),
  ]

  @Test(arguments: cases) func `the state follows from what the calls came to`(_ example: Case) throws {
    var core = BreakerCore(BreakerRules())
    var now = Duration.zero
    var changes: [String] = []
    func note(_ change: BreakerCore.Change?) {
      switch change {
      case .opened(_, let length): changes.append("opened \(length.components.seconds)")
      case .halfOpened: changes.append("halfOpened")
      case .closed: changes.append("closed")
      case nil: break
      }
    }
    func call(_ verdict: BreakerCore.Verdict) throws {
      guard case .admitted(let pass, let change) = core.enter(at: now) else {
        Issue.record("the call was refused")
        return
      }
      note(change)
      note(core.leave(pass, verdict, at: now))
    }
    for step in example.steps {
      switch step {
      case .succeeds: try call(.succeeded)
      case .abandons: try call(.abandoned)
      case .fails(let kind, let delay): try call(.failed(ProviderFault(kind, "", retryAfter: delay)))
      case .refused:
        #expect(core.refusal(at: now) != nil)
        #expect(core.enter(at: now).pass == nil)
      case .passes(let time): now += time
      }
    }
    #expect(Self.words(core.state(at: now)) == example.state)
    #expect(changes == example.changes)
  }

  private static func words(_ state: BreakerState) -> String {
    let left = if case .open(_, let left) = state { "\(left.components.seconds)" } else { String?.none }
    return [state.word, state.fault?.kind.rawValue, left].compactMap(\.self).joined(separator: " ")
  }

  /// Three calls that begin together and end at these times: whether the breaker has opened.
  static let bursts: [(ends: [Duration], opens: Bool)] = [
    ([.milliseconds(100), .milliseconds(120), .milliseconds(900)], false),
    ([.seconds(10), .seconds(11), .seconds(12)], true),
  ]

  @Test(arguments: bursts) func `faults of calls side by side within a second are one`(
    _ ends: [Duration], _ opens: Bool
  ) {
    var core = BreakerCore(BreakerRules())
    let passes = ends.compactMap { _ in core.enter(at: .zero).pass }
    for (pass, end) in zip(passes, ends) { _ = core.leave(pass, .failed(ProviderFault(.failing, "")), at: end) }
    #expect((core.refusal(at: ends[2]) != nil) == opens)
  }

  @Test func `only one probe runs at a time`() throws {
    var core = BreakerCore(BreakerRules(threshold: 1))
    core.open(at: .zero)
    let probe = try #require(core.enter(at: .seconds(300)).pass)
    #expect(core.enter(at: .seconds(301)).pass == nil)
    _ = core.leave(probe, .abandoned, at: .seconds(302))
    #expect(core.enter(at: .seconds(303)).pass != nil)
  }

  @Test func `an answer that begins is enough of a probe, and one fault after it opens again`() throws {
    var core = BreakerCore(BreakerRules())
    for _ in 1...3 { core.fail(at: .zero) }
    let probe = try #require(core.enter(at: .seconds(300)).pass)
    #expect(core.answered(probe) == .closed)
    #expect(core.answered(probe) == nil)
    #expect(core.enter(at: .seconds(300)).pass != nil)
    let fault = ProviderFault(.stalled, "")
    #expect(core.leave(probe, .failed(fault), at: .seconds(310)) == .opened(fault, for: .seconds(300)))
  }

  @Test func `what began before it opened says nothing about now`() throws {
    var core = BreakerCore(BreakerRules(threshold: 1))
    let early = try (0..<3).map { _ in try #require(core.enter(at: .zero).pass) }
    core.open(at: .seconds(1))
    #expect(core.leave(early[0], .succeeded, at: .seconds(2)) == nil)
    #expect(core.state(at: .seconds(2)).word == "open")
    let probe = try #require(core.enter(at: .seconds(301)).pass)
    #expect(core.leave(early[1], .failed(ProviderFault(.failing, "")), at: .seconds(302)) == nil)
    #expect(core.leave(probe, .succeeded, at: .seconds(303)) == .closed)
    #expect(core.leave(early[2], .failed(ProviderFault(.failing, "")), at: .seconds(304)) == nil)
    #expect(core.state(at: .seconds(304)) == .closed)
  }

  @Test func `no order of ends and cancellations loses the probe`() {
    for seed in 0..<1000 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      var core = BreakerCore(BreakerRules(threshold: 2, timeout: .seconds(3)))
      var underWay: [BreakerCore.Pass] = []
      var now = Duration.zero
      func end(_ verdict: BreakerCore.Verdict) {
        guard let index = underWay.indices.randomElement(using: &random) else { return }
        _ = core.leave(underWay.remove(at: index), verdict, at: now)
      }
      for _ in 0..<60 {
        switch Int.random(in: 0..<8, using: &random) {
        case 0...2: if let pass = core.enter(at: now).pass { underWay.append(pass) }
        case 3: end(.succeeded)
        case 4: end(.abandoned)
        case 5: end(.failed(ProviderFault(.failing, "")))
        case 6: if let pass = underWay.randomElement(using: &random) { _ = core.answered(pass) }
        default: now += .seconds(1)
        }
      }
      while !underWay.isEmpty { end(.abandoned) }
      now += .seconds(3)
      // Now it is closed, or one probe may try and no second beside it.
      let wasClosed = core.state(at: now) == .closed
      #expect(core.enter(at: now).pass != nil, "seed \(seed)")
      #expect((core.enter(at: now).pass != nil) == wasClosed, "seed \(seed)")
    }
  }
}

extension BreakerCore.Entry {
  var pass: BreakerCore.Pass? {
    if case .admitted(let pass, _) = self { pass } else { nil }
  }
}

extension BreakerCore {
  mutating func fail(at now: Duration) {
    guard let pass = enter(at: now).pass else { return }
    _ = leave(pass, .failed(ProviderFault(.failing, "")), at: now)
  }

  /// For a threshold of 1.
  mutating func open(at now: Duration) { fail(at: now) }
}
