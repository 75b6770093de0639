import NexyCore
import Synchronization

/// How often each device asks: a bucket a device, filled evenly, that holds two seconds' worth of requests.
package final class DeviceRates: Sendable {
  private struct Bucket {
    var requests: Double
    var filled: Duration
  }

  /// Devices that are remembered; one that has not asked for two seconds need not be.
  private static let deviceLimit = 10_000

  private let limit: Int
  private let watch: Stopwatch
  private let buckets = Mutex([DeviceID: Bucket]())

  /// - Parameter limit: Requests a second of one device; 0 is no limit.
  package init(limit: Int, clock: any Clock<Duration> = ContinuousClock()) {
    self.limit = limit
    watch = Stopwatch(clock)
  }

  /// Counts a request of a device.
  ///
  /// - Throws: `NexyError` with code `rateLimitReached` for one too many.
  package func note(_ device: DeviceID) throws(NexyError) {
    guard limit > 0 else { return }
    let now = watch.elapsed
    let isAllowed = buckets.withLock { buckets in
      if buckets[device] == nil, buckets.count >= Self.deviceLimit { forget(&buckets, now) }
      var bucket = filled(buckets[device], now)
      defer { buckets[device] = bucket }
      guard bucket.requests >= 1 else { return false }
      bucket.requests -= 1
      return true
    }
    if !isAllowed { throw .rateLimitReached(limit) }
  }

  /// How many devices are remembered.
  var count: Int { buckets.withLock { $0.count } }

  private var capacity: Double { Double(2 * limit) }

  private func filled(_ bucket: Bucket?, _ now: Duration) -> Bucket {
    guard let bucket else { return Bucket(requests: capacity, filled: now) }
    let gained = (now - bucket.filled).inSeconds * Double(limit)
    return Bucket(requests: min(capacity, bucket.requests + gained), filled: now)
  }

  /// Drops the devices whose buckets are full again; when all are busy, everybody starts anew.
  private func forget(_ buckets: inout [DeviceID: Bucket], _ now: Duration) {
    buckets = buckets.filter { filled($0.value, now).requests < capacity }
    if buckets.count >= Self.deviceLimit { buckets = [:] }
  }
}
