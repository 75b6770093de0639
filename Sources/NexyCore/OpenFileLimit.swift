#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// How many files and connections the process may have open.
package enum OpenFileLimit {
  /// Enough for the 1,000 connections that are let in, with a file for each and room to spare.
  private static let wanted: rlim_t = 65_536

  /// Raises the process's own limit as far as it may: a service's is often 1,024, and the server takes 1,000 connections.
  ///
  /// - Returns: The limit that is in force then.
  @discardableResult
  package static func raise() -> Int {
    var limit = rlimit()
    guard getrlimit(kind, &limit) == 0 else { return 0 }
    let most = min(limit.rlim_max, wanted)
    guard limit.rlim_cur < most else { return Int(clamping: limit.rlim_cur) }
    let raised = rlimit(rlim_cur: most, rlim_max: limit.rlim_max)
    return withUnsafePointer(to: raised) { setrlimit(kind, $0) } == 0 ? Int(most) : Int(limit.rlim_cur)
  }

  #if canImport(Darwin)
  private static let kind = RLIMIT_NOFILE
  #else
  private static let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
  #endif
}
