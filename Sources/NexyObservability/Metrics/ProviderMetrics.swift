import CoreMetrics
import NexyCore

/// What is counted of language models and speech engines.
struct ProviderMetrics: Sendable {
  private struct Ending: Hashable {
    let provider: String
    let outcome: String
    static let overflow = Ending(provider: MetricsRegistry.overflow, outcome: MetricsRegistry.overflow)
  }

  private let modelCalls: SeriesCache<Ending, Counter>
  private let modelDuration: SeriesCache<String, Timer>
  private let modelCallsInFlight: Meter
  private let speechCalls: SeriesCache<Ending, Counter>
  private let speechRealTimeFactor: Recorder
  private let speechAudio: FloatingPointCounter
  private let speechCallsInFlight: Meter
  private let circuits: SeriesCache<Circuit, Meter>

  private struct Circuit: Hashable {
    let provider: String
    let kind: String
    let key: String
    static let overflow = Circuit(
      provider: MetricsRegistry.overflow, kind: MetricsRegistry.overflow, key: MetricsRegistry.overflow)
  }

  init(registry: MetricsRegistry) {
    modelCalls = SeriesCache(overflow: .overflow) {
      MetricDescription.modelCalls.counter($0.provider, $0.outcome, in: registry)
    }
    modelDuration = SeriesCache(overflow: MetricsRegistry.overflow) {
      MetricDescription.modelDuration.timer($0, in: registry)
    }
    modelCallsInFlight = MetricDescription.modelCallsInFlight.meter(in: registry)
    speechCalls = SeriesCache(overflow: .overflow) {
      MetricDescription.speechCalls.counter($0.provider, $0.outcome, in: registry)
    }
    speechRealTimeFactor = MetricDescription.speechRealTimeFactor.recorder(in: registry)
    speechAudio = MetricDescription.speechAudio.floatingPointCounter(in: registry)
    speechCallsInFlight = MetricDescription.speechCallsInFlight.meter(in: registry)
    circuits = SeriesCache(overflow: .overflow) {
      MetricDescription.circuitState.meter($0.provider, $0.kind, $0.key, in: registry)
    }
  }

  func modelAnswered(model: String, outcome: String, took: Duration) {
    modelCalls[Ending(provider: model, outcome: outcome)].increment()
    modelDuration[model].recordNanoseconds(took.wholeNanoseconds)
  }

  /// A call that made no audio has no real-time factor.
  func spoke(engine: String, outcome: String, audio: Duration, took: Duration) {
    speechCalls[Ending(provider: engine, outcome: outcome)].increment()
    guard audio > .zero else { return }
    speechAudio.increment(by: audio.inSeconds)
    speechRealTimeFactor.record(took / audio)
  }

  func circuit(of provider: String, kind: String, key: String, is state: ServerMetrics.CircuitState) {
    circuits[Circuit(provider: provider, kind: kind, key: key)].set(state.rawValue)
  }

  func inFlight(_ call: ServerMetrics.ProviderCall) -> Meter {
    switch call {
    case .model: modelCallsInFlight
    case .speech: speechCallsInFlight
    }
  }
}
