import Foundation
import NexyCore
import NexyRelease
import Synchronization

/// Shows how far a transfer came: one line that is written over on a terminal, a line every ten seconds elsewhere.
final class TransferDisplay: Sendable {
  private struct State {
    var name = ""
    var begun = ContinuousClock.now
    var told = ContinuousClock.now
  }

  private static let terminalPause = Duration.milliseconds(100)
  private static let filePause = Duration.seconds(10)

  private let isTerminal: Bool
  private let state = Mutex(State())

  init(isTerminal: Bool = isatty(STDERR_FILENO) == 1) { self.isTerminal = isTerminal }

  func progress(_ name: String) -> TransferProgress {
    { [self] bytes, total in tell(name, bytes, total) }
  }

  private func tell(_ name: String, _ bytes: Int64, _ total: Int64) {
    let now = ContinuousClock.now
    let isDone = bytes >= total
    let line = state.withLock { state -> String? in
      if state.name != name || bytes == 0 { state = State(name: name, begun: now, told: now) }
      let pause = isTerminal ? Self.terminalPause : Self.filePause
      guard now - state.told >= pause || isDone && now - state.begun >= Self.terminalPause else { return nil }
      state.told = now
      let elapsed = now - state.begun
      if isDone { state.name = "" }
      return Self.line(name, bytes, total, elapsed)
    }
    guard let line else { return }
    if isTerminal { Terminal.status(isDone ? line + "\n" : line) } else { Terminal.error(line) }
  }

  /// `upload Nexy-2.0.0.16-….dmg [######    ] 61 %  168.4/276.3 MB  12.3 MB/s  0:09`
  static func line(_ name: String, _ bytes: Int64, _ total: Int64, _ elapsed: Duration) -> String {
    let seconds = max(elapsed / .seconds(1), 0.001)
    let rate = Double(bytes) / seconds
    let share = total > 0 ? min(1, Double(bytes) / Double(total)) : 1
    let marks = Int(share * 20)
    let bar = String(repeating: "#", count: marks) + String(repeating: " ", count: 20 - marks)
    let remaining = rate > 0 ? Int((Double(total - bytes) / rate).rounded(.up)) : 0
    let clock = "\(remaining / 60):" + (remaining % 60 < 10 ? "0" : "") + "\(remaining % 60)"
    return "\(name) [\(bar)] \(Int(share * 100)) %  \(megabytes(bytes))/\(megabytes(total)) MB  "
      + "\(megabytes(Int64(rate))) MB/s  \(clock)"
  }

  private static func megabytes(_ bytes: Int64) -> String {
    let tenths = (bytes + 50_000) / 100_000
    return "\(tenths / 10).\(tenths % 10)"
  }
}
