import NexyCore
import Synchronization

/// Gathers a turn's report while its tasks run.
final class TurnRecord: Sendable {
  private let report = Mutex(TurnReport())
  private let watch: Stopwatch

  init(clock: any Clock<Duration>) { watch = Stopwatch(clock) }

  func update(_ change: (inout TurnReport) -> Void) { report.withLock { change(&$0) } }

  /// Counts an event that was sent.
  func note(_ event: TurnEvent) {
    report.withLock { report in
      switch event {
      case .text:
        report.segments += 1
        if report.firstText == nil { report.firstText = watch.elapsed }
      case .audio(let chunks):
        report.audioSamples += chunks.sampleCount
        if report.firstAudio == nil { report.firstAudio = watch.elapsed }
      case .action, .finished, .failed: break
      }
    }
  }

  func finish() -> TurnReport {
    report.withLock { report in
      report.total = watch.elapsed
      return report
    }
  }
}
