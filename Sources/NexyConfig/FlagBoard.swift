import NexyCore
import Synchronization

/// The flags in force now: whoever asks sees a change at once.
package final class FlagBoard: Sendable {
  private let values: Mutex<FlagValues>

  package init(_ values: FlagValues) { self.values = Mutex(values) }

  package var current: FlagValues { values.withLock { $0 } }

  /// Puts new values in force.
  ///
  /// - Returns: The flags that changed.
  package func set(_ new: FlagValues) -> [FeatureFlag] {
    values.withLock { values in
      defer { values = new }
      return new.changes(from: values)
    }
  }
}
