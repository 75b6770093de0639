import NexyVoice

extension ProviderLink {
  private enum Attempt {
    case done
    /// The breaker or the gate kept the call back.
    case keptBack(ProviderFault, byGate: Bool = false)
    case failed(ProviderFault, hasBegun: Bool)
  }

  /// Calls the provider, and again where that may help.
  ///
  /// - Returns: Why there is no whole answer; nil when there is.
  /// - Throws: Cancellation, and what the job's `emit` threw.
  func run<Element>(_ job: ChainJob<Provider, Element>) async throws -> LinkFailure? {
    var attempt = 1
    while true {
      switch try await self.attempt(job) {
      case .done: return nil
      case .keptBack(let fault, let byGate):
        return LinkFailure(provider: identity, fault: fault, hasBegun: false, isByGate: byGate)
      case .failed(let fault, let hasBegun):
        attempt += 1
        let wait = budgets.wait(
          before: attempt, after: fault, elapsed: job.watch.elapsed, random: job.context.random())
        guard !hasBegun, let wait, breaker?.refusal == nil else {
          return LinkFailure(provider: identity, fault: fault, hasBegun: hasBegun)
        }
        job.tell(identity, .retry(attempt: attempt, wait: wait, fault))
        if wait > .zero { try await job.context.clock.sleep(for: wait) }
      }
    }
  }

  /// The breaker is asked before the wait at the gate, so that nobody waits in vain, and after it, so that nobody calls
  /// in vain.
  private func attempt<Element>(_ job: ChainJob<Provider, Element>) async throws -> Attempt {
    if let fault = breaker?.refusal { return .keptBack(fault) }
    guard let gate else { return try await admitted(job) }
    do {
      return try await gate.withPermit(within: budgets.queue) { try await admitted(job) }
    } catch let fault as ProviderFault {
      return .keptBack(fault, byGate: true)
    }
  }

  private func admitted<Element>(_ job: ChainJob<Provider, Element>) async throws -> Attempt {
    guard let breaker else { return try await call(job, onBegin: {}, onEnd: { _ in }) }
    let tell: @Sendable (BreakerCore.Change?) -> Void = { change in
      if let change { job.tell(identity, ProviderEvent.Step(change)) }
    }
    switch breaker.enter() {
    case .refused(let fault): return .keptBack(fault)
    case .admitted(let pass, let change):
      tell(change)
      return try await call(job, onBegin: { tell(breaker.answered(pass)) }, onEnd: { tell(breaker.leave(pass, $0)) })
    }
  }

  /// One call; whatever becomes of it, `onEnd` hears of it once.
  private func call<Element>(
    _ job: ChainJob<Provider, Element>, onBegin: @escaping @Sendable () -> Void,
    onEnd: (BreakerCore.Verdict) -> Void
  ) async throws -> Attempt {
    let watch = CallWatch(budgets, clock: job.context.clock, begins: job.begins, onBegin: onBegin)
    do {
      try await watch.run({ try await job.call(provider, $0) }, emit: job.emit)
      guard watch.hasBegun else {
        throw ProviderFault(.empty, "The provider answered with nothing. Check its settings if this goes on.")
      }
      onEnd(.succeeded)
      return .done
    } catch let failure as ListenerFailure {
      onEnd(.abandoned)
      throw failure.error
    } catch {
      if Task.isCancelled {
        onEnd(.abandoned)
        throw CancellationError()
      }
      let fault = ProviderFault(of: error)
      onEnd(.failed(fault))
      return .failed(fault, hasBegun: watch.hasBegun)
    }
  }
}

extension ProviderEvent.Step {
  init(_ change: BreakerCore.Change) {
    switch change {
    case .opened(let fault, let length): self = .opened(fault, for: length)
    case .halfOpened: self = .halfOpened
    case .closed: self = .closed
    }
  }
}
