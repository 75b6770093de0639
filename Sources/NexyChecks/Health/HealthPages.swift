import NIOHTTP1
import NexyCore

/// The three pages about health, and whether they agree.
struct HealthPages: Sendable {
  private let run: CheckRun

  init(_ run: CheckRun) { self.run = run }

  func look() async {
    let health = await page(.healthWeb, run.target.address(run.target.health, "/health"), "200 and OK") {
      answer, page in
      answer.faults(page, wanting: "OK") + (page.isTrue("ready") ? [] : ["not ready"])
        + HealthMembers.health.faults(.object(page))
    }
    let status = await page(.healthStatus, run.target.address(run.target.health, "/status"), "200 and running") {
      answer, page in
      StatusPage.faults(answer, page)
    }
    let updates = await updates(isOn: status.map { StatusPage($0.page).servesUpdates } ?? true)
    headers(health, updates)
    versions(health?.page, status?.page, updates?.page)
    await manners()
  }

  private func updates(isOn: Bool) async -> Page? {
    let address = run.target.address(run.target.updates, "/updates/health")
    guard isOn else {
      await run.look(.healthUpdates, expecting: "nobody", within: run.patience * 2) { [web = run.web] in
        // What is no JSON is an ingress's own page.
        let isThere = (try? await web.get(address))?.object != nil
        return isThere ? .bad("it answers, and \(UpdatesCheck.off)") : .skipped(UpdatesCheck.off)
      }
      return nil
    }
    return await page(.healthUpdates, address, "200 and healthy") { answer, page in
      answer.faults(page, wanting: "healthy") + HealthMembers.updates.faults(.object(page))
    }
  }

  private typealias Page = (answer: WebAnswer, page: [String: JSONValue])

  private func page(
    _ point: CheckPoint, _ address: String, _ expected: String,
    _ faults: @escaping @Sendable (WebAnswer, [String: JSONValue]) -> [String]
  ) async -> Page? {
    let came = Found<WebAnswer>()
    await run.look(point, expecting: expected) { [web = run.web] in
      let answer = try await web.get(address)
      came.set(answer)
      guard let page = answer.object else {
        return .bad("HTTP \(answer.status), no JSON object: \(answer.text.prefix(80))")
      }
      let found = faults(answer, page) + answer.faults(wantingType: "application/json")
      return .of(found, otherwise: "HTTP \(answer.status)")
    }
    guard let answer = came.value, let page = answer.object else { return nil }
    return (answer, page)
  }

  private func headers(_ health: Page?, _ updates: Page?) {
    for (point, page) in [(CheckPoint.healthCache, health), (.healthUpdatesCache, updates)] {
      guard let page else {
        run.record(point, expecting: "a page", .skipped("the page was not read"))
        continue
      }
      // What is wrong now may be mended in a moment.
      let isGood = ["OK", "healthy"].contains(page.page.text("status"))
      let wanted = isGood ? WebAnswer.keptBriefly : WebAnswer.neverKept
      run.record(
        point, expecting: wanted.map { "\($0): \($1)" }.joined(separator: "; "),
        .of(page.answer.faults(wanting: wanted), otherwise: "so it is"))
    }
  }

  private func versions(
    _ health: [String: JSONValue]?, _ status: [String: JSONValue]?, _ updates: [String: JSONValue]?
  ) {
    guard let health, let status else {
      run.record(.healthVersions, expecting: "X.Y.Z.W", .skipped("a page was not read"))
      run.record(.healthSame, expecting: "the same", .skipped("a page was not read"))
      return
    }
    let pages = [("/health", health), ("/status", status), ("/updates/health", updates ?? [:])]
    var (malformed, differing, told) = ([String](), [String](), [String]())
    for key in ["server_version", "latest_version", "latest_build"] {
      var seen: [(String, String)] = []
      for (name, page) in pages {
        guard let value = page[key] else {
          if name != "/updates/health" { malformed.append("\(name) has no \(key)") }
          continue
        }
        // Nothing is published yet.
        if case .null = value { continue }
        guard let text = value.string, ReleaseVersion(fourParts: text) != nil else {
          malformed.append("\(name) \(key) \(value.string ?? "is no text")")
          continue
        }
        seen.append((name, text))
      }
      if Set(seen.map(\.1)).count > 1 {
        differing.append("\(key): " + seen.map { "\($0) \($1)" }.joined(separator: ", "))
      }
      if let first = seen.first { told.append("\(key) \(first.1)") }
    }
    if let updates { differing += Self.differences(status, updates) }
    run.record(.healthVersions, expecting: "X.Y.Z.W", .of(malformed, otherwise: told.joined(separator: ", ")))
    run.record(.healthSame, expecting: "the same", .of(differing, otherwise: told.joined(separator: ", ")))
  }

  /// What one page says under two names, and two pages of one setting.
  private static func differences(_ status: [String: JSONValue], _ updates: [String: JSONValue]) -> [String] {
    var faults: [String] = []
    if updates.text("version") != updates.text("latest_version") {
      faults.append("/updates/health version \(updates.text("version") ?? "missing")")
    }
    if let flag = status["flags"]?.object?["update.beta_enabled"], flag != updates["beta_updates_enabled"] {
      faults.append("update.beta_enabled of /status is not beta_updates_enabled of /updates/health")
    }
    return faults
  }

  private func manners() async {
    let (web, target) = (run.web, run.target)
    if target.isIngress {
      run.record(.healthMissing, expecting: "404, JSON with error", .skipped("an ingress answers for itself"))
    } else {
      await missing()
    }
    await run.look(.healthHead, expecting: "the same status, length and fields, no body") {
      let address = target.address(target.health, "/health")
      let whole = try await web.get(address)
      let head = try await web.get(address, method: .HEAD)
      return .of(head.faults(asHeadOf: whole), otherwise: "HTTP \(head.status)")
    }
  }

  private func missing() async {
    let (web, target) = (run.web, run.target)
    await run.look(.healthMissing, expecting: "404, JSON with error") {
      let answer = try await web.get(target.address(target.health, "/nexy-check-is-not-there"))
      let isRight = answer.status == 404 && answer.object?.text("error") != nil
      guard isRight else { return .bad("HTTP \(answer.status): \(answer.text.prefix(80))") }
      return .of(answer.faults(wantingType: "application/json"), otherwise: "404")
    }
  }
}
