import CoreMetrics
import NexyCore
import Foundation

/// What the server counts and times, by the words of its own trade.
package struct ServerMetrics: Sendable {
  /// A call of a provider that is counted while it runs.
  package enum ProviderCall: Sendable { case model, speech }

  /// Every metric that an exposition may show.
  package static let catalogue: [MetricDescription] =
    MetricDescription.requests + MetricDescription.providers + MetricDescription.updates + ProcessFigures.catalogue

  private let registry: MetricsRegistry
  private let rpcs: RPCMetrics
  private let providers: ProviderMetrics
  private let updates: UpdateMetrics
  private let turnsActive: Meter
  private let turnsAdmitted: Counter
  private let turnsRefused: SeriesCache<String, Counter>
  private let timeToFirstText: CoreMetrics.Timer
  private let timeToFirstAudio: CoreMetrics.Timer
  private let receivedBytes: Counter
  private let sentBytes: Counter
  private let connectionsOpen: Meter
  private let ready: Meter

  /// - Parameter registry: Describes the catalogue; shared with whatever else is to be exported.
  package init(registry: MetricsRegistry = MetricsRegistry(describing: catalogue)) {
    self.registry = registry
    rpcs = RPCMetrics(registry: registry)
    providers = ProviderMetrics(registry: registry)
    updates = UpdateMetrics(registry: registry)
    turnsActive = MetricDescription.turnsActive.meter(in: registry)
    turnsAdmitted = MetricDescription.turnsAdmitted.counter(in: registry)
    turnsRefused = SeriesCache(overflow: MetricsRegistry.overflow) {
      MetricDescription.turnsRefused.counter($0, in: registry)
    }
    timeToFirstText = MetricDescription.timeToFirstText.timer(in: registry)
    timeToFirstAudio = MetricDescription.timeToFirstAudio.timer(in: registry)
    receivedBytes = MetricDescription.receivedBytes.counter(in: registry)
    sentBytes = MetricDescription.sentBytes.counter(in: registry)
    connectionsOpen = MetricDescription.connectionsOpen.meter(in: registry)
    ready = MetricDescription.ready.meter(in: registry)
  }

  package func rpcStarted(method: String) { rpcs[method].begin() }

  /// - Parameters:
  ///   - status: As gRPC spells it: `OK`, `UNAVAILABLE`.
  ///   - isFault: Whether the server or a provider is to blame.
  package func rpcEnded(method: String, status: String, isFault: Bool, duration: Duration) {
    rpcs[method].end(status: status, isFault: isFault, after: duration)
  }

  /// - Parameter method: The RPC it belongs to; nil for the server itself.
  package func decided(_ decision: Decision, method: String?) {
    rpcs.decided(decision, method: method ?? "none")
  }

  package func turnAdmitted() {
    turnsAdmitted.increment()
    turnsActive.increment()
  }

  package func turnReleased() { turnsActive.decrement() }
  package func turnRefused(code: String) { turnsRefused[code].increment() }

  package func heardText(after duration: Duration) { timeToFirstText.recordNanoseconds(duration.wholeNanoseconds) }
  package func heardAudio(after duration: Duration) { timeToFirstAudio.recordNanoseconds(duration.wholeNanoseconds) }

  /// A speech engine ended a call.
  ///
  /// - Parameters:
  ///   - audio: Length of the audio it made.
  ///   - took: From the call to the end of the audio.
  package func spoke(engine: String, outcome: String, audio: Duration, took: Duration) {
    providers.spoke(engine: engine, outcome: outcome, audio: audio, took: took)
  }

  /// A language model ended a call.
  package func modelAnswered(model: String, outcome: String, took: Duration) {
    providers.modelAnswered(model: model, outcome: outcome, took: took)
  }

  package func callBegan(_ call: ProviderCall) { providers.inFlight(call).increment() }
  package func callEnded(_ call: ProviderCall) { providers.inFlight(call).decrement() }

  /// Whether a provider is called, by its breaker.
  package enum CircuitState: Int, Sendable { case closed, halfOpen, open }

  /// - Parameters:
  ///   - kind: `model` or `speech`.
  ///   - key: The last four characters of the provider's key, or a dash.
  package func circuit(of provider: String, kind: String, key: String, is state: CircuitState) {
    providers.circuit(of: provider, kind: kind, key: key, is: state)
  }

  /// How the channels of updates are.
  ///
  /// - Parameter feedAges: Seconds since the release, by channel.
  package func updates(areHealthy: Bool, feedAges: [String: Double]) {
    updates.channels(areHealthy: areHealthy, feedAges: feedAges)
  }

  /// A download that was begun has ended.
  package func downloaded(outcome: String, bytes: Int) { updates.downloaded(outcome: outcome, bytes: bytes) }

  package func received(bytes: Int) { receivedBytes.increment(by: bytes) }
  package func sent(bytes: Int) { sentBytes.increment(by: bytes) }
  package func connectionOpened() { connectionsOpen.increment() }
  package func connectionClosed() { connectionsOpen.decrement() }
  package func setReady(_ isReady: Bool) { ready.set(isReady ? 1 : 0) }

  /// Everything, in the text format that Prometheus reads; with the process's own figures as they are now.
  package func exposition() -> String {
    PrometheusText.render(registry.families() + (ProcessFigures.read()?.families ?? []))
  }

  /// What happened since the snapshot before, or since the start.
  package func takeSnapshot(at date: Date = .now) -> MetricsSnapshot {
    rpcs.takeSnapshot(activeTurns: Int(registry.value(of: .turnsActive) ?? 0), at: date)
  }
}
