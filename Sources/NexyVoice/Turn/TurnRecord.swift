import NexyCore
import Synchronization

/// Gathers a turn's report while its tasks run.
final class TurnRecord: Sendable {
  /// Bytes of an answer that are kept.
  private static let answerLimit = 65_536

  private let report = Mutex(TurnReport())
  private let text = Mutex("")
  private let excused = Atomic(false)
  private let watch: Stopwatch

  init(clock: any Clock<Duration>) { watch = Stopwatch(clock) }

  func update(_ change: (inout TurnReport) -> Void) { report.withLock { change(&$0) } }

  /// Counts an event that was sent.
  func note(_ event: TurnEvent) {
    report.withLock { report in
      switch event {
      case .text(let piece):
        report.segments += 1
        text.withLock { if $0.utf8.count + piece.utf8.count <= Self.answerLimit { $0 += piece } }
        if report.firstText == nil { report.firstText = watch.elapsed }
      case .audio(let chunks):
        report.audioSamples += chunks.sampleCount
        if report.firstAudio == nil { report.firstAudio = watch.elapsed }
      case .action, .finished, .failed: break
      }
    }
  }

  /// The model let the turn down, and the turn said so.
  func excuse() { excused.store(true, ordering: .relaxed) }

  var isExcused: Bool { excused.load(ordering: .relaxed) }

  /// The text that was sent; nil when there was none. Private to the turn: the report goes to the log.
  var answer: String? {
    let sent = text.withLock { $0.trimmed }
    return sent.isEmpty ? nil : sent
  }

  func finish() -> TurnReport {
    report.withLock { report in
      report.total = watch.elapsed
      return report
    }
  }
}
