import Foundation

/// A server's clock in the wrong: libfaketime in front of the system's, since nobody may set a machine's clock for a check
/// (https://github.com/wolfcw/libfaketime).
struct FalseClock: Sendable {
  /// Where systems keep the library for programs with threads.
  private static let libraries =
    ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib"]
    .map { "\($0)/faketime/libfaketimeMT.so.1" }

  private let library: String
  private let file: URL

  /// Nil where the library is not installed.
  init?(in folder: URL) {
    guard let library = Self.libraries.first(where: FileManager.default.fileExists) else { return nil }
    (self.library, file) = (library, folder.appending(path: "clock"))
  }

  /// Gives a server this clock, which is right so far.
  func take(_ plan: inout ServerPlan) throws {
    try step(to: 0)
    let settings = [
      "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": file.path(), "FAKETIME_CACHE_DURATION": "1",
      // Of nobody, so that the library makes its own and puts it here: in an environment that grows, Swift does not find its
      // arguments.
      "FAKETIME_SHARED": "/nexy-check-none /nexy-check-none",
      // Steps are of the wall clock; what measures time goes on as it did.
      "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1",
    ]
    plan.settings.merge(settings) { $1 }
  }

  /// Takes away what the library shares among the programs of a clock, which it leaves behind where one is killed.
  /// - Parameter process: The server's number; nil for one that ended by itself.
  func clear(after process: Int32?) {
    guard let process else { return }
    for name in ["faketime_shm_\(process)", "sem.faketime_sem_\(process)"] {
      try? FileManager.default.removeItem(atPath: "/dev/shm/\(name)")
    }
  }

  /// - Parameter seconds: By how much it is to be ahead of the right time; the server sees it within a second.
  func step(to seconds: Int) throws {
    try Data((seconds < 0 ? "\(seconds)" : "+\(seconds)").utf8).write(to: file, options: .atomic)
  }
}
