import Foundation
import Synchronization

/// A bar on standard error that tells how much of the files was read.
final class ReadingProgress: Sendable {
  private struct State {
    var bytes = 0
    var drawn = ContinuousClock.now
  }

  private static let width = 40

  private let totalBytes: Int
  private let start = ContinuousClock.now
  private let state = Mutex(State())

  init(totalBytes: Int) { self.totalBytes = totalBytes }

  /// Adds bytes that were read, and draws ten times a second at most.
  func read(_ bytes: Int) {
    let total: Int? = state.withLock { state in
      state.bytes += bytes
      guard .now - state.drawn >= .milliseconds(100) else { return nil }
      state.drawn = .now
      return state.bytes
    }
    if let total { Terminal.status(line(total)) }
  }

  /// Takes the bar away.
  func end() { Terminal.status("") }

  private func line(_ bytes: Int) -> String {
    // A log that grows while it is read may give more than it had.
    let share = min(Double(bytes) / Double(max(totalBytes, 1)), 1)
    let done = Int(share * Double(Self.width))
    let bar = String(repeating: "#", count: done) + String(repeating: ".", count: Self.width - done)
    let seconds = Double((ContinuousClock.now - start) / .milliseconds(1)) / 1000
    return String(
      format: "[%@] %3.0f %%  %d of %d MB  %.0f MB/s", bar, share * 100, bytes / 1_000_000, totalBytes / 1_000_000,
      Double(bytes) / 1_000_000 / max(seconds, 0.001))
  }
}
