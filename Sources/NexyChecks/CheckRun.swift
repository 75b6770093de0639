import NexyCore
import Synchronization

/// One run of a check against one server: takes what is seen, point by point.
package final class CheckRun: Sendable {
  let target: CheckTarget
  let web: WebLine
  /// How long anything that answers at once may take.
  let patience: Duration
  /// Why no turn can be kept open by not reading it; nil where one can.
  let cannotHold: String?
  private let told: @Sendable (CheckResult) -> Void
  private let seen = Mutex<[CheckResult]>([])

  /// - Parameter told: Given each result as it is found.
  init(
    _ target: CheckTarget, web: WebLine, patience: Duration, cannotHold: String? = nil,
    told: @escaping @Sendable (CheckResult) -> Void
  ) {
    self.cannotHold = cannotHold
    self.target = target
    self.web = web
    self.patience = patience
    self.told = told
  }

  var results: [CheckResult] { seen.withLock { $0 } }

  /// Looks at one point; what goes wrong, and what takes too long, is what was seen of it.
  ///
  /// - Parameter limit: How long the look may take; the run's patience by default.
  /// - Returns: Whether the point held.
  @discardableResult
  func look(
    _ point: CheckPoint, expecting expected: String, within limit: Duration? = nil,
    _ body: @escaping @Sendable () async throws -> Sight
  ) async -> Bool {
    let began = ContinuousClock.now
    let sight = await Self.sight(within: limit ?? patience, body)
    record(point, expecting: expected, sight, latency: ContinuousClock.now - began)
    return sight.verdict == .passed
  }

  /// Looks with turns that are held; skipped where none can be.
  func lookHolding(
    _ point: CheckPoint, expecting expected: String, within limit: Duration? = nil,
    _ body: @escaping @Sendable () async throws -> Sight
  ) async {
    if let cannotHold { return record(point, expecting: expected, .skipped(cannotHold)) }
    await look(point, expecting: expected, within: limit, body)
  }

  /// Takes what was seen already.
  func record(_ point: CheckPoint, expecting expected: String, _ sight: Sight, latency: Duration? = nil) {
    let result = CheckResult(
      point: point, verdict: sight.verdict, expected: expected, observed: Self.brief(sight.observed),
      latency: sight.verdict == .skipped ? nil : sight.latency ?? latency)
    seen.withLock { $0.append(result) }
    told(result)
  }

  private static func sight(within limit: Duration, _ body: @escaping @Sendable () async throws -> Sight) async -> Sight
  {
    do { return try await bounded(limit, body) } catch { return .bad(words(of: error)) }
  }

  /// What went wrong, for a line of a report.
  static func words(of error: any Error) -> String {
    switch error {
    case let error as NexyError: error.message
    case let error as CallFailure: error.description
    default: "it failed: \(error)"
    }
  }

  /// What a server said, short enough for a line and without what could be a secret.
  private static func brief(_ text: String) -> String {
    let text = Redaction.masked(text)
    return text.count <= 400 ? text : text.prefix(399) + "…"
  }
}

/// Ends what takes longer than it may.
/// - Throws: `NexyError` with code `tookTooLong`; what the body throws.
func bounded<Value: Sendable>(
  _ limit: Duration, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
  if let value = try await within(limit, body) { return value }
  throw NexyError(.tookTooLong, "nothing came within \(limit.told)")
}

extension Duration {
  /// As people read it.
  package var told: String {
    let milliseconds = inSeconds * 1000
    if milliseconds < 10 { return "\((milliseconds * 10).rounded() / 10) ms" }
    return milliseconds < 10_000 ? "\(Int(milliseconds.rounded())) ms" : "\(Int(inSeconds.rounded())) s"
  }
}

extension NexyError.Code {
  /// A server took longer than it was given.
  static let tookTooLong = Self("took_too_long")
}
