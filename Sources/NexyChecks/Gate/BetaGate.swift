/// The mission's beta gate: six points, each made of what the families before it saw.
enum BetaGate {
  struct Row: Sendable {
    let point: CheckPoint
    /// How the points begin that it is made of.
    let prefixes: [String]
    /// Whether it can be seen on the server's own machine alone: elsewhere it is skipped.
    var isLocal = false
  }

  static let rows = [
    Row(
      "smoke", "The voice service answers", from: ["smoke."], cause: "A call fails: its own point says how.",
      see: .turns),
    Row(
      "contract", "Every row of the contract holds", from: ["contract."],
      cause: "A refusal is not as written: its own point names the row.", see: .refusals),
    Row(
      "configuration", "The settings can be used", from: ["preflight.configuration."],
      cause: "config.env or nexy.yaml: its own point names the key.", see: .machine, isLocal: true),
    Row(
      "updates", "The client's updates are in order", from: ["updates."],
      cause: "A feed, a manifest or an artifact: its own point names it.", see: .updates),
    Row(
      "health", "Health and versions agree", from: ["health."],
      cause: "A page says something else: its own point names it.",
      see: .health),
  ]

  /// A line for each point of the gate: how many of its points held, and the first that did not.
  static func lines(_ results: [CheckResult]) -> [(point: CheckPoint, sight: Sight)] {
    rows.map { row in
      let results = results.filter { result in row.prefixes.contains { result.point.id.hasPrefix($0) } }
      return (row.point, sight(results, isLocal: row.isLocal))
    }
  }

  static func sight(_ results: [CheckResult], isLocal: Bool = false) -> Sight {
    func count(_ verdict: CheckResult.Verdict) -> Int { results.count { $0.verdict == verdict } }
    // What nobody looked at is not in order.
    guard !results.isEmpty else { return .bad("nothing of it was looked at") }
    let counts = "\(count(.passed)) passed, \(count(.failed)) failed, \(count(.skipped)) skipped"
    if let first = results.first(where: { $0.verdict == .failed }) { return .bad("\(counts); first \(first.point.id)") }
    guard count(.passed) > 0 else {
      let told = "\(counts): \(results[0].observed)"
      return isLocal ? .skipped(told) : .bad(told)
    }
    return .good(counts)
  }
}

extension BetaGate.Row {
  fileprivate init(
    _ id: String, _ title: String, from prefixes: [String], cause: String, see section: RunbookSection,
    isLocal: Bool = false
  ) {
    self.init(
      point: CheckPoint("gate.\(id)", title, cause: cause, see: section), prefixes: prefixes, isLocal: isLocal)
  }
}

extension CheckPoint {
  static let gateLog = Self(
    "gate.log", "The server logs its decisions",
    cause: "LOG_LEVEL is above info, LOG_FILE is another file, or its disk is full.", see: .log)
}
