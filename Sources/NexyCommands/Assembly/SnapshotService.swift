import NexyObservability
import ServiceLifecycle

/// Writes the metrics' figures to the log once a minute, and a last time when the server stops.
struct SnapshotService: Service {
  private static let period = Duration.seconds(60)

  let writer: SnapshotWriter
  let log: DecisionLog

  func run() async {
    await cancelWhenGracefulShutdown { await writer.run(every: Self.period, clock: ContinuousClock(), log: log) }
    writer.write(to: log)
  }
}
