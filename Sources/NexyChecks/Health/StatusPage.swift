import NexyCore

/// What `/status` says that the other checks build upon.
struct StatusPage: Sendable {
  let model: String
  let voice: String
  let running: Int
  /// Turns at the same time; nil for a server that does not tell.
  let turns: Int?
  let turnsPerDevice: Int?
  /// How long a turn may wait for its reader, up to a day; nil for a server that tells nothing of the kind.
  let idleSeconds: Double?
  /// False for a server that says that its update server is off.
  let servesUpdates: Bool
  /// Of one device; nil for a server that does not tell.
  let requestsPerSecond: Int?

  init(_ page: [String: JSONValue]) {
    model = page.text("model") ?? ""
    voice = page.text("voice") ?? ""
    running = page.whole("active_turns") ?? 0
    let limits = page["limits"]?.object ?? [:]
    turns = limits.whole("turns")
    turnsPerDevice = limits.whole("turns_per_device")
    idleSeconds = limits.number("idle_seconds").flatMap { (0...86_400).contains($0) ? $0 : nil }
    servesUpdates = page.text("update_server") != "disabled"
    requestsPerSecond = limits.whole("device_requests_per_second")
  }

  /// - Throws: `NexyError` with code `noAnswer`.
  static func read(_ run: CheckRun) async throws -> StatusPage { try await read(run.target, run.web) }

  /// - Throws: `NexyError` with code `noAnswer`.
  static func read(_ target: CheckTarget, _ web: WebLine) async throws -> StatusPage {
    let answer = try await web.get(target.address(target.health, "/status"))
    guard answer.status == 200, let page = answer.object else {
      throw NexyError(.noAnswer, "/status gives HTTP \(answer.status) and no JSON object")
    }
    return StatusPage(page)
  }

  /// The page, when the server has noticed that the turns of our last look are over; with those that still run when it
  /// has not, or when others speak.
  ///
  /// - Throws: `NexyError` with code `noAnswer`.
  static func afterOurs(_ run: CheckRun) async throws -> StatusPage {
    let began = ContinuousClock.now
    while true {
      let page = try await read(run)
      if page.running == 0 || ContinuousClock.now - began > .seconds(5) { return page }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  /// Waits until no turn runs.
  static func idle(_ run: CheckRun, within limit: Duration) async throws -> Sight {
    let began = ContinuousClock.now
    while true {
      let running = try await read(run).running
      let waited = ContinuousClock.now - began
      if running == 0 { return .good("0 after \(waited.told)", latency: waited) }
      guard waited < limit else { return .bad("\(running) run \(waited.told) later") }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  /// What is wrong with the page.
  static func faults(_ answer: WebAnswer, _ page: [String: JSONValue]) -> [String] {
    var faults = answer.status == 200 ? [] : ["HTTP \(answer.status)"]
    faults += HealthMembers.status.faults(.object(page))
    if !page.isTrue("voice_available") { faults.append("no voice") }
    for key in ["model", "voice"] where page.text(key)?.isEmpty == true { faults.append("no \(key)") }
    if page["limits"]?.object?["turns"]?.integer == 0 { faults.append("limits.turns 0") }
    return faults
  }
}
