import Testing

@testable import NexyProviders

@Suite struct CallBudgetsTests {
  struct Case: Sendable {
    let fault: ProviderFault
    var attempt = 2
    var elapsed = Duration.zero
    var random = 1.0
    let wait: Duration?

    init(
      _ kind: ProviderFault.Kind, retryAfter: Duration? = nil, attempt: Int = 2, elapsed: Duration = .zero,
      random: Double = 1, wait: Duration?
    ) {
      fault = ProviderFault(kind, "", retryAfter: retryAfter)
      (self.attempt, self.elapsed, self.random, self.wait) = (attempt, elapsed, random, wait)
    }
  }

  private static let budgets = CallBudgets(
    queue: .seconds(1), first: .seconds(10), stall: .seconds(5), attempts: 5, backoff: .milliseconds(200),
    longestBackoff: .seconds(1), retryWindow: .seconds(14))

  static let cases = [
    Case(.failing, wait: .milliseconds(200)),
    Case(.failing, random: 0, wait: .milliseconds(100)),
    Case(.failing, random: 0.5, wait: .milliseconds(150)),
    Case(.failing, attempt: 3, wait: .milliseconds(400)),
    Case(.failing, attempt: 4, wait: .milliseconds(800)),
    Case(.failing, attempt: 5, wait: .seconds(1)),
    Case(.failing, attempt: 6, wait: nil),
    // The provider's own delay, as long as an answer can still begin in time.
    Case(.quota, retryAfter: .seconds(4), wait: .seconds(4)),
    Case(.quota, retryAfter: .seconds(4), random: 0, wait: .seconds(4)),
    Case(.quota, retryAfter: .milliseconds(4001), wait: nil),
    Case(.overloaded, retryAfter: .zero, wait: .zero),
    Case(.failing, elapsed: .milliseconds(3800), wait: .milliseconds(200)),
    Case(.failing, elapsed: .milliseconds(3801), wait: nil),
    Case(.tooSlow, elapsed: .seconds(10), wait: nil),
    Case(.keyInvalid, wait: nil),
    Case(.modelNotFound, wait: nil),
    Case(.blocked, wait: nil),
    Case(.requestRefused, wait: nil),
  ]

  @Test(arguments: cases) func `another attempt waits so long, or does not fit`(_ example: Case) {
    let wait = Self.budgets.wait(
      before: example.attempt, after: example.fault, elapsed: example.elapsed, random: example.random)
    #expect(wait == example.wait)
  }

  @Test func `any number of attempts has a wait`() {
    var budgets = Self.budgets
    budgets.attempts = .max
    let wait = budgets.wait(before: 100_000, after: ProviderFault(.failing, ""), elapsed: .zero, random: 1)
    #expect(wait == .seconds(1))
  }
}
