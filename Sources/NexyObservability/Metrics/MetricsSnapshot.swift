import Foundation
import Logging
import NexyCore

/// What happened since the snapshot before, for one line of the log.
package struct MetricsSnapshot: Sendable, Equatable {
  /// The figures of one RPC method.
  package struct Method: Sendable, Equatable {
    /// RPCs that ended, at least one.
    package let ended: Int
    /// Those of them that ended by the server's or a provider's fault.
    package let faults: Int
    package let p95Milliseconds: Double

    package var errorRate: Double { Double(faults) / Double(ended) }
  }

  package let takenAt: Date
  /// How long the window was.
  package let window: Duration
  /// Turns that held a slot when it was taken.
  package let activeTurns: Int
  /// Those of which an RPC ended.
  package let methods: [String: Method]
  /// How often each decision was made, by method and the decision's word.
  package let decisions: [String: [String: Int]]

  /// Nothing is told of a window without length.
  package var decisionsPerSecond: [String: [String: Double]] {
    guard window > .zero else { return [:] }
    return decisions.mapValues { $0.mapValues { Double($0) / window.inSeconds } }
  }

  /// The log line's facts, in the keys and units that the operator's tools read: latencies in
  /// milliseconds, errors as a fraction of the requests, decisions a second.
  package var context: Logger.Metadata {
    [
      "p95_latency": .dictionary(methods.mapValues { Self.number($0.p95Milliseconds) }),
      "error_rate": .dictionary(methods.mapValues { Self.number($0.errorRate) }),
      "decision_rate": .dictionary(
        decisionsPerSecond.mapValues { .dictionary($0.mapValues(Self.number)) }),
      "total_requests": .dictionary(methods.mapValues { .stringConvertible($0.ended) }),
      "total_errors": .dictionary(methods.mapValues { .stringConvertible($0.faults) }),
      "timestamp": .string(takenAt.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))),
    ]
  }

  /// Six digits after the point are enough for a reader.
  private static func number(_ value: Double) -> Logger.MetadataValue {
    .stringConvertible((value * 1e6).rounded() / 1e6)
  }
}
