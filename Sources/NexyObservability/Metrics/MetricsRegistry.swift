import CoreMetrics
import Synchronization

/// Makes the handlers behind swift-metrics' counters, gauges, recorders and timers, and tells what they hold.
///
/// Finding a series takes a lock; writing to one touches that series alone. A name has one kind: whatever is asked for
/// under a name that another kind has goes nowhere.
package final class MetricsRegistry: MetricsFactory {
  /// Series of one name; what comes later is counted together, every dimension's value `other`.
  static let seriesLimit = 128
  static let overflow = "other"

  private struct State {
    var series: [String: [[Dimension]: any MetricCell]] = [:]
    /// Which family owns a sample's name.
    var owners: [String: String] = [:]
    var kinds: [String: MetricDescription.Kind] = [:]
  }

  private let state = Mutex(State())
  private let described: [String: MetricDescription]
  private let window: Duration
  /// Since the registry was made.
  let now: @Sendable () -> Duration

  /// - Parameters:
  ///   - descriptions: Help texts and buckets of what will be asked for.
  ///   - window: Over how long a timer's quantiles are told.
  ///   - clock: Tells when a window ends.
  package init(
    describing descriptions: [MetricDescription], window: Duration = .seconds(60),
    clock: some Clock<Duration> = ContinuousClock()
  ) {
    described = Dictionary(descriptions.map { ($0.name, $0) }) { first, _ in first }
    self.window = window
    let start = clock.now
    now = { start.duration(to: clock.now) }
  }

  /// What every series holds now.
  package func families() -> [MetricFamily] {
    let series = state.withLock { $0.series }
    var writer = FamilyWriter { [described] in described[$0]?.meaning ?? "Not described." }
    for cells in series.values {
      for (_, cell) in cells.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) { cell.write(into: &writer) }
    }
    return writer.all
  }

  /// What a gauge without dimensions holds.
  func value(of gauge: MetricDescription) -> Double? {
    state.withLock { ($0.series[gauge.name]?[[]] as? GaugeCell)?.value }
  }

  package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    cell(label, dimensions, .counter, make: CounterCell.init) ?? NOOPMetricsHandler.instance
  }

  package func makeFloatingPointCounter(
    label: String, dimensions: [(String, String)]
  ) -> any FloatingPointCounterHandler {
    cell(label, dimensions, .counter, make: CounterCell.init) ?? NOOPMetricsHandler.instance
  }

  package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    cell(label, dimensions, .gauge, make: GaugeCell.init) ?? NOOPMetricsHandler.instance
  }

  package func makeRecorder(
    label: String, dimensions: [(String, String)], aggregate: Bool
  ) -> any RecorderHandler {
    let handler: (any RecorderHandler)? =
      aggregate
      ? cell(label, dimensions, .histogram) { [described] id in
        HistogramCell(id, bounds: described[id.name]?.buckets ?? MetricBuckets.decades)
      }
      : cell(label, dimensions, .gauge, make: GaugeCell.init)
    return handler ?? NOOPMetricsHandler.instance
  }

  package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    cell(label, dimensions, .timer) { [described, window, now] id in
      TimerCell(id, bounds: described[id.name]?.buckets ?? MetricBuckets.seconds, window: window, now: now)
    } ?? NOOPMetricsHandler.instance
  }

  package func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
  package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }
  package func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
  package func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
  package func destroyTimer(_ handler: any TimerHandler) { remove(handler) }

  /// The series' own cell; nil when the name belongs to another kind.
  private func cell<Cell: MetricCell>(
    _ label: String, _ dimensions: [(String, String)], _ kind: MetricDescription.Kind, make: (SeriesID) -> Cell
  ) -> Cell? {
    let name = MetricName.exposed(label, as: kind)
    let unique = Dictionary(dimensions.map { (MetricName.dimension($0.0), $0.1) }) { _, last in last }
    var wanted = unique.map(Dimension.init).sorted()
    return state.withLock { state in
      let samples = MetricName.samples(of: name, as: kind)
      guard state.kinds[name, default: kind] == kind, samples.allSatisfy({ state.owners[$0, default: name] == name })
      else { return nil }
      if let known = state.series[name]?[wanted] { return known as? Cell }
      if state.series[name, default: [:]].count >= Self.seriesLimit, !wanted.isEmpty {
        wanted = wanted.map { Dimension(name: $0.name, value: Self.overflow) }
        if let known = state.series[name]?[wanted] { return known as? Cell }
      }
      let cell = make(SeriesID(name: name, dimensions: wanted))
      state.kinds[name] = kind
      for sample in samples { state.owners[sample] = name }
      state.series[name, default: [:]][wanted] = cell
      return cell
    }
  }

  private func remove(_ handler: AnyObject) {
    guard let cell = handler as? any MetricCell else { return }
    state.withLock { state in
      guard state.series[cell.id.name]?[cell.id.dimensions] === cell else { return }
      state.series[cell.id.name]?[cell.id.dimensions] = nil
    }
  }
}
