/// A circuit breaker's decisions, without a clock and without a lock.
///
/// A verdict counts only in the era in which its call was let in: what began before the breaker opened says nothing
/// about the provider of now.
struct BreakerCore: Sendable {
  /// The right to one call; given back with its verdict.
  struct Pass: Sendable, Equatable {
    fileprivate let era: Int
    /// When it was given.
    fileprivate let began: Duration
    /// Which probe it is; nil for a call through a closed breaker.
    fileprivate let probe: Int?
  }

  /// How a call ended.
  enum Verdict: Sendable {
    case succeeded
    case failed(ProviderFault)
    /// It was cancelled, which tells nothing.
    case abandoned
  }

  /// What a step changed.
  enum Change: Sendable, Equatable {
    case opened(ProviderFault, for: Duration)
    case halfOpened
    case closed
  }

  enum Entry: Sendable {
    case admitted(Pass, Change?)
    case refused(ProviderFault)
  }

  private enum Phase {
    /// `lastFault` is when the last one was counted.
    case closed(faults: Int, lastFault: Duration = .zero)
    case open(ProviderFault, until: Duration)
    /// `probe` is the one under way.
    case halfOpen(ProviderFault, probe: Int?)
  }

  /// A provider that asks for more than this is asked again nevertheless: its account may have been filled.
  static let longestDelay = Duration.seconds(3600)

  /// Faults of calls that ran side by side are one within this time.
  static let burst = Duration.seconds(1)

  private let rules: BreakerRules
  private var phase = Phase.closed(faults: 0)
  /// How often it has opened.
  private var era = 0
  private var lastProbe = 0

  init(_ rules: BreakerRules) { self.rules = rules }

  func state(at now: Duration) -> BreakerState {
    switch phase {
    case .closed: .closed
    case .open(let fault, let until): until > now ? .open(fault, left: until - now) : .halfOpen(fault)
    case .halfOpen(let fault, _): .halfOpen(fault)
    }
  }

  /// Why a call would be refused now.
  func refusal(at now: Duration) -> ProviderFault? {
    switch phase {
    case .open(let fault, let until) where until > now: fault
    case .halfOpen(let fault, probe: .some): fault
    case .closed, .open, .halfOpen: nil
    }
  }

  mutating func enter(at now: Duration) -> Entry {
    if let fault = refusal(at: now) { return .refused(fault) }
    switch phase {
    case .closed: return .admitted(Pass(era: era, began: now, probe: nil), nil)
    case .open(let fault, _): return .admitted(probe(fault, at: now), .halfOpened)
    case .halfOpen(let fault, _): return .admitted(probe(fault, at: now), nil)
    }
  }

  /// A call's answer has begun. That is enough for a probe, since its end may wait for a slow listener; until a call
  /// has ended well, one fault opens the breaker again.
  mutating func answered(_ pass: Pass) -> Change? {
    guard isProbeUnderWay(pass) else { return nil }
    phase = .closed(faults: rules.threshold - 1)
    return .closed
  }

  mutating func leave(_ pass: Pass, _ verdict: Verdict, at now: Duration) -> Change? {
    guard pass.era == era else { return nil }
    switch phase {
    case .closed(let faults, let lastFault):
      // Calls that ran side by side met the same trouble: three sentences of one turn are no three faults in a row.
      let isSameTrouble = faults > 0 && pass.began < lastFault && now - lastFault < Self.burst
      return count(verdict, after: isSameTrouble ? faults - 1 : faults, at: now)
    case .halfOpen(let fault, _) where isProbeUnderWay(pass):
      if case .abandoned = verdict {
        phase = .halfOpen(fault, probe: nil)
        return nil
      }
      return count(verdict, after: rules.threshold - 1, at: now) ?? .closed
    case .open, .halfOpen:
      return nil
    }
  }

  private mutating func probe(_ fault: ProviderFault, at now: Duration) -> Pass {
    lastProbe += 1
    phase = .halfOpen(fault, probe: lastProbe)
    return Pass(era: era, began: now, probe: lastProbe)
  }

  private func isProbeUnderWay(_ pass: Pass) -> Bool {
    if case .halfOpen(_, let probe?) = phase { probe == pass.probe } else { false }
  }

  /// A request that the provider refuses for its own sake shows that the provider works.
  private mutating func count(_ verdict: Verdict, after faults: Int, at now: Duration) -> Change? {
    switch verdict {
    case .abandoned:
      return nil
    case .failed(let fault) where fault.kind.isOfTheProvider:
      guard let length = openLength(fault, faults: faults + 1) else {
        phase = .closed(faults: faults + 1, lastFault: now)
        return nil
      }
      era += 1
      phase = .open(fault, until: now + length)
      return .opened(fault, for: length)
    case .succeeded, .failed:
      phase = .closed(faults: 0)
      return nil
    }
  }

  private func openLength(_ fault: ProviderFault, faults: Int) -> Duration? {
    if fault.kind.refusesTheKey { return rules.timeout }
    guard let delay = fault.retryAfter, delay > .zero else { return faults >= rules.threshold ? rules.timeout : nil }
    // Who says when to come back is asked then.
    return delay > rules.patience || faults >= rules.threshold ? min(delay, Self.longestDelay) : nil
  }
}
