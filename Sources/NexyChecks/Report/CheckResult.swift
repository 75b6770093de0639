/// What became of one point.
package struct CheckResult: Sendable {
  package enum Verdict: String, Sendable, Encodable {
    case passed, failed
    /// It could not be looked at, and `observed` says why; never a pass.
    case skipped
  }

  package let point: CheckPoint
  package let verdict: Verdict
  package let expected: String
  package let observed: String
  /// How long the server took; nil where time has no meaning.
  package let latency: Duration?
}

/// What was seen of a point.
package struct Sight: Sendable {
  let verdict: CheckResult.Verdict
  let observed: String
  /// Where it is not the time of the whole look.
  var latency: Duration?

  static func good(_ observed: String, latency: Duration? = nil) -> Self {
    Self(verdict: .passed, observed: observed, latency: latency)
  }

  static func bad(_ observed: String, latency: Duration? = nil) -> Self {
    Self(verdict: .failed, observed: observed, latency: latency)
  }

  static func skipped(_ reason: String) -> Self { Self(verdict: .skipped, observed: reason) }

  /// Good when nothing is wrong, else bad with all that is.
  static func of(_ faults: [String], otherwise observed: String, latency: Duration? = nil) -> Self {
    faults.isEmpty ? good(observed, latency: latency) : bad(faults.joined(separator: "; "), latency: latency)
  }
}
