import CoreMetrics
import Synchronization

/// Where one series counts; many tasks write to it at once.
protocol MetricCell: AnyObject, Sendable {
  var id: SeriesID { get }
  /// What the series adds to its family, or to the families it makes.
  func write(into families: inout FamilyWriter)
}

/// What tells a series from all others.
struct SeriesID: Hashable, Sendable {
  /// As exported.
  let name: String
  /// Sorted by name, no name twice.
  let dimensions: [Dimension]
}

struct Dimension: Hashable, Comparable, Sendable {
  let name: String
  let value: String

  static func < (one: Dimension, other: Dimension) -> Bool { (one.name, one.value) < (other.name, other.value) }
}

/// Counts up, in whole numbers and in fractions.
final class CounterCell: MetricCell, CounterHandler, FloatingPointCounterHandler {
  let id: SeriesID
  private let whole = Atomic<UInt64>(0)
  private let fractions = Atomic<Double>(0)

  init(_ id: SeriesID) { self.id = id }

  func increment(by amount: Int64) {
    guard amount > 0 else { return }
    whole.wrappingAdd(UInt64(amount), ordering: .relaxed)
  }

  func increment(by amount: Double) {
    guard amount > 0, amount.isFinite else { return }
    fractions.add(amount)
  }

  func reset() {
    whole.store(0, ordering: .relaxed)
    fractions.store(0, ordering: .relaxed)
  }

  var value: Double { Double(whole.load(ordering: .relaxed)) + fractions.load(ordering: .relaxed) }

  func write(into families: inout FamilyWriter) { families.add(value, to: id, as: .counter) }
}

/// Holds the value that was set last.
final class GaugeCell: MetricCell, MeterHandler, RecorderHandler {
  let id: SeriesID
  private let current = Atomic<Double>(0)

  init(_ id: SeriesID) { self.id = id }

  func set(_ value: Int64) { set(Double(value)) }
  func set(_ value: Double) { current.store(value, ordering: .relaxed) }
  func record(_ value: Int64) { set(value) }
  func record(_ value: Double) { set(value) }

  func increment(by amount: Double) {
    guard amount.isFinite else { return }
    current.add(amount)
  }

  func decrement(by amount: Double) { increment(by: -amount) }

  var value: Double { current.load(ordering: .relaxed) }

  func write(into families: inout FamilyWriter) { families.add(value, to: id, as: .gauge) }
}

extension Atomic where Value == Double {
  fileprivate func add(_ amount: Double) {
    var expected = load(ordering: .relaxed)
    while true {
      let (done, original) = weakCompareExchange(
        expected: expected, desired: expected + amount, ordering: .relaxed)
      if done { return }
      expected = original
    }
  }
}
