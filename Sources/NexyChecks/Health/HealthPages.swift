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
    }
    let status = await page(.healthStatus, run.target.address(run.target.health, "/status"), "200 and running") {
      answer, page in
      StatusPage.faults(answer, page)
    }
    let updates = await page(
      .healthUpdates, run.target.address(run.target.updates, "/updates/health"), "200 and healthy"
    ) { answer, page in answer.faults(page, wanting: "healthy") }
    headers(health, updates)
    versions(health?.page, status?.page, updates?.page)
    await manners()
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
      var found = faults(answer, page)
      if answer.headers["content-type"]?.hasPrefix("application/json") != true {
        found.append("content-type \(answer.headers["content-type"] ?? "missing")")
      }
      return .of(found, otherwise: "HTTP \(answer.status)")
    }
    guard let answer = came.value, let page = answer.object else { return nil }
    return (answer, page)
  }

  private func headers(_ health: Page?, _ updates: Page?) {
    // Each value once: a proxy that adds its own makes two of it (defect 74 of the predecessor).
    let rows: [(CheckPoint, Page?, String)] = [
      (.healthCache, health, "public, max-age=30"),
      (
        .healthUpdatesCache, updates,
        updates?.answer.status == 503 ? "no-cache, no-store, must-revalidate" : "public, max-age=30"
      ),
    ]
    for (point, page, expected) in rows {
      guard let page else {
        run.record(point, expecting: expected, .skipped("the page was not read"))
        continue
      }
      let value = page.answer.headers["cache-control"] ?? "no Cache-Control"
      run.record(point, expecting: expected, value == expected ? .good(value) : .bad(value))
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
    run.record(.healthVersions, expecting: "X.Y.Z.W", .of(malformed, otherwise: told.joined(separator: ", ")))
    run.record(.healthSame, expecting: "the same", .of(differing, otherwise: told.joined(separator: ", ")))
  }

  private func manners() async {
    let (web, target) = (run.web, run.target)
    if target.isIngress {
      run.record(.healthMissing, expecting: "404, JSON with error", .skipped("an ingress answers for itself"))
    } else {
      await missing()
    }
    await run.look(.healthHead, expecting: "200, no body") {
      let answer = try await web.get(target.address(target.health, "/health"), method: .HEAD)
      let told = "HTTP \(answer.status), \(answer.body.count) bytes"
      return answer.status == 200 && answer.body.isEmpty ? .good(told) : .bad(told)
    }
  }

  private func missing() async {
    let (web, target) = (run.web, run.target)
    await run.look(.healthMissing, expecting: "404, JSON with error") {
      let answer = try await web.get(target.address(target.health, "/nexy-check-is-not-there"))
      let isRight = answer.status == 404 && answer.object?.text("error") != nil
      return isRight ? .good("404") : .bad("HTTP \(answer.status): \(answer.text.prefix(80))")
    }
  }
}
