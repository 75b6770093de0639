import NexyCore
import NexyObservability
import NexyVoice
import Synchronization

/// A language model whose calls are counted and whose cost is kept.
package struct MeteredModel: LanguageModel {
  private let model: any LanguageModel
  private let metrics: ServerMetrics
  private let ledger: (any UsageLedger)?

  package init(_ model: any LanguageModel, metrics: ServerMetrics, ledger: (any UsageLedger)? = nil) {
    self.model = model
    self.metrics = metrics
    self.ledger = ledger
  }

  package var name: String { model.name }

  package func reply(
    to request: ModelRequest, emit: @escaping @Sendable (ModelDelta) async throws -> Void
  ) async throws {
    let began = ContinuousClock.now
    let cost = Mutex<TokenUsage?>(nil)
    metrics.callBegan(.model)
    defer { metrics.callEnded(.model) }
    let outcome = await CallOutcome.of {
      try await model.reply(to: request) { delta in
        if case .usage(let usage) = delta { cost.withLock { $0 = usage } }
        try await emit(delta)
      }
    }
    metrics.modelAnswered(model: name, outcome: outcome.word, took: ContinuousClock.now - began)
    note(cost.withLock { $0 }, of: request, outcome)
    try outcome.get()
  }

  /// What failed before it cost anything is no usage.
  private func note(_ cost: TokenUsage?, of request: ModelRequest, _ outcome: CallOutcome) {
    if cost == nil, case .failed = outcome { return }
    ledger?.note(
      UsageEntry(
        hardwareID: request.device.description, sessionID: request.session.text, source: request.purpose.rawValue,
        provider: name, model: cost?.model ?? model.chargedName, inputTokens: cost?.inputTokens ?? 0,
        outputTokens: cost?.outputTokens ?? 0))
  }
}

/// How a call of a provider ended.
enum CallOutcome {
  case ok
  case cancelled(any Error)
  case failed(any Error)

  static func of(_ call: () async throws -> Void) async -> CallOutcome {
    do {
      try await call()
      return .ok
    } catch {
      let wasCancelled = error is CancellationError || Task.isCancelled
      return wasCancelled && CallGivenUp.current?.isSo != true ? .cancelled(error) : .failed(error)
    }
  }

  /// As the metrics call it.
  var word: String {
    switch self {
    case .ok: "ok"
    case .cancelled: "cancelled"
    case .failed: "failed"
    }
  }

  func get() throws {
    switch self {
    case .ok: return
    case .cancelled(let error), .failed(let error): throw error
    }
  }
}
