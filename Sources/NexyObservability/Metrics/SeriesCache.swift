import Synchronization

/// Series made once and then found without building their names again.
final class SeriesCache<Key: Hashable & Sendable, Series: Sendable>: Sendable {
  private let known = Mutex([Key: Series]())
  private let overflow: Key
  private let make: @Sendable (Key) -> Series

  /// - Parameter overflow: Stands for every key that comes after the registry's limit of series.
  init(overflow: Key, make: @escaping @Sendable (Key) -> Series) {
    self.overflow = overflow
    self.make = make
  }

  subscript(key: Key) -> Series {
    known.withLock { known in
      if let series = known[key] { return series }
      let key = known.count < MetricsRegistry.seriesLimit ? key : overflow
      if let series = known[key] { return series }
      let series = make(key)
      known[key] = series
      return series
    }
  }

  var all: [Key: Series] { known.withLock { $0 } }
}
