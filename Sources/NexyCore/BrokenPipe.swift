#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A reader that went away, of a child's input or of our own output.
package enum BrokenPipe {
  /// From now on, writing to a pipe that nobody reads is an error of the write and no end of the process.
  package static func isAnError() { _ = once }

  private static let once: Void = { _ = signal(SIGPIPE, SIG_IGN) }()
}
