/// How long a call of a provider may take, piece by piece, and how often it is tried.
///
/// The time to connect belongs to the connection, and the whole turn's to the turn.
package struct CallBudgets: Sendable, Equatable {
  /// How long a call may wait for its place among those of its provider.
  package var queue: Duration
  /// From the call to the first delta or the first sound.
  package var first: Duration
  /// Between one delta or piece of sound and the next.
  package var stall: Duration
  /// How often one provider is called with one key; at least 1.
  package var attempts: Int
  /// What is waited before the second attempt; twice as long before each one after it.
  package var backoff: Duration
  /// The longest of these waits.
  package var longestBackoff: Duration
  /// From the question until another attempt must have begun its answer; what does not fit goes to the next provider.
  package var retryWindow: Duration

  package init(
    queue: Duration, first: Duration, stall: Duration, attempts: Int = 2, backoff: Duration = .milliseconds(250),
    longestBackoff: Duration = .seconds(2), retryWindow: Duration
  ) {
    self.queue = queue
    self.first = first
    self.stall = stall
    self.attempts = attempts
    self.backoff = backoff
    self.longestBackoff = longestBackoff
    self.retryWindow = retryWindow
  }

  /// A language model: what fails at once is tried again, what was slow is not.
  package static let model = CallBudgets(
    queue: .seconds(3), first: .seconds(10), stall: .seconds(10), retryWindow: .seconds(14))

  /// A speech engine.
  package static let speech = CallBudgets(
    queue: .seconds(3), first: .seconds(5), stall: .seconds(5), backoff: .milliseconds(100), retryWindow: .seconds(9))

  /// How long to wait before an attempt; nil where it cannot help or does not fit.
  ///
  /// - Parameters:
  ///   - attempt: The attempt that would follow; the second at the earliest.
  ///   - elapsed: Since the question.
  ///   - random: From 0 to 1; up to half of a backoff is left to chance, so that callers do not come back together.
  func wait(before attempt: Int, after fault: ProviderFault, elapsed: Duration, random: Double) -> Duration? {
    guard fault.kind.isPassing, attempt <= attempts else { return nil }
    let doublings = min(max(0, attempt - 2), 16)
    let wait = fault.retryAfter ?? min(backoff * (1 << doublings), longestBackoff) * (0.5 + random / 2)
    return elapsed + wait + first <= retryWindow ? wait : nil
  }
}
