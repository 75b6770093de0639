/// Writes a snapshot of the metrics to the decision log, once a period.
package struct SnapshotWriter: Sendable {
  private let metrics: ServerMetrics

  package init(metrics: ServerMetrics) { self.metrics = metrics }

  /// Writes until the task is cancelled. Periods that were slept through, on a machine that stood still, give no lines.
  package func run(every period: Duration, clock: any Clock<Duration>, log: DecisionLog) async {
    await run(every: period, on: clock, log: log)
  }

  /// Writes what happened since the line before.
  package func write(to log: DecisionLog) {
    log.record(
      .snapshot, "Metrics snapshot", scope: .metrics, context: metrics.takeSnapshot().context)
  }

  private func run<C: Clock<Duration>>(every period: Duration, on clock: C, log: DecisionLog) async {
    var next = clock.now.advanced(by: period)
    while true {
      do { try await clock.sleep(until: next, tolerance: nil) } catch { return }
      write(to: log)
      repeat { next = next.advanced(by: period) } while next <= clock.now
    }
  }
}
