import Logging
import NexyCore
import NexyObservability

/// Tells what happens with providers: in the lines of the RPC they work for, or as the server's own.
package struct ProviderJournal: Sendable {
  private let log: DecisionLog

  package init(log: DecisionLog) { self.log = log }

  /// - Parameter facts: Without any key or words of a user.
  package func tell(_ decision: Decision, _ message: String, _ facts: [String: String]) {
    let context = facts.mapValues { Logger.MetadataValue.string($0) }
    let level: Logger.Level = decision == .degrade ? .warning : .info
    if let record = RPCRecord.current {
      record.tell(decision, message, level: level, context)
    } else {
      log.record(decision, message, scope: .server, level: level, context: context)
    }
  }
}
