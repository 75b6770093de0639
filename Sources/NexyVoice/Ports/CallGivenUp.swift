import Synchronization

/// Tells a call of a provider that is cancelled whether it was given up for its slowness: the provider's fault and not
/// the listener's wish.
package final class CallGivenUp: Sendable {
  /// That of the call that the current task makes; nil where nobody watches it.
  @TaskLocal package static var current: CallGivenUp?

  private let flag = Atomic(false)

  package init() {}

  package var isSo: Bool { flag.load(ordering: .relaxed) }

  package func note() { flag.store(true, ordering: .relaxed) }
}
