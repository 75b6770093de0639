import NexyCore
import NexyObservability
import NexyVoice

/// A language model whose calls are counted.
package struct MeteredModel: LanguageModel {
  private let model: any LanguageModel
  private let metrics: ServerMetrics

  package init(_ model: any LanguageModel, metrics: ServerMetrics) {
    self.model = model
    self.metrics = metrics
  }

  package var name: String { model.name }

  package func reply(
    to request: ModelRequest, emit: @escaping @Sendable (ModelDelta) async throws -> Void
  ) async throws {
    let began = ContinuousClock.now
    metrics.callBegan(.model)
    defer { metrics.callEnded(.model) }
    let outcome = await CallOutcome.of { try await model.reply(to: request, emit: emit) }
    metrics.modelAnswered(model: name, outcome: outcome.word, took: ContinuousClock.now - began)
    try outcome.get()
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
      return error is CancellationError || Task.isCancelled ? .cancelled(error) : .failed(error)
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
