#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Who takes leases and how they tell time; tests put their own in its place.
package struct LeaseSurroundings: Sendable {
  /// This machine's name.
  package var host: String
  /// This process.
  package var process: Int32
  /// Whether a process of this machine runs.
  package var isRunning: @Sendable (_ process: Int32) -> Bool
  /// Milliseconds since 1970: a lease is read by other processes and other machines, so its times are the wall's.
  package var wallTime: @Sendable () -> Int64
  /// What waiting is measured by.
  package var clock: any Clock<Duration>

  package init(
    host: String, process: Int32, isRunning: @escaping @Sendable (Int32) -> Bool,
    wallTime: @escaping @Sendable () -> Int64, clock: any Clock<Duration>
  ) {
    self.host = host
    self.process = process
    self.isRunning = isRunning
    self.wallTime = wallTime
    self.clock = clock
  }

  /// This machine and this process.
  package static var system: Self {
    Self(
      host: hostName, process: getpid(), isRunning: { kill($0, 0) == 0 || errno == EPERM }, wallTime: wallMilliseconds,
      clock: ContinuousClock())
  }

  private static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func wallMilliseconds() -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
  }
}
