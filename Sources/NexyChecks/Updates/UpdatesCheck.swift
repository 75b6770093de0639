import NIOHTTP1
import NexyCore
import NexyUpdates

/// What clients get when they look for an update: feeds, manifests, and the artifact itself over its public address.
enum UpdatesCheck {
  static func look(_ run: CheckRun, _ settings: CheckSettings) async throws {
    let key = try settings.publicKey.map(SparklePublicKey.init(base64:))
    let health = await health(run)
    let manifests = await manifests(run)
    let isBetaOpen = health?.isTrue("beta_updates_enabled") ?? false
    await gate(run, isOpen: isBetaOpen)
    await head(run)
    await UpdatesPages(run: run, opensOrigins: settings.opensOrigins).look(health, manifests)
    for channel in Channel.allCases where channel == .stable || isBetaOpen {
      await ChannelLook(
        run: run, channel: channel, points: .init(channel), key: key, manifests: manifests, health: health
      ).look()
    }
  }

  private static func health(_ run: CheckRun) async -> [String: JSONValue]? {
    let came = Found<[String: JSONValue]>()
    await run.look(.updatesHealth, expecting: "200, healthy") {
      let answer = try await run.get("/updates/health")
      guard let page = answer.object else { return .bad("HTTP \(answer.status), no JSON object") }
      came.set(page)
      let faults = answer.faults(page, wanting: "healthy") + HealthMembers.updates.faults(.object(page))
      return .of(faults, otherwise: "version \(page.text("latest_version") ?? "none")")
    }
    return came.value
  }

  private static func manifests(_ run: CheckRun) async -> [ToldManifest] {
    let came = Found<[ToldManifest]>()
    await run.look(.manifestsTold, expecting: "200, an array of manifests") {
      let answer = try await run.get("/updates/api/manifests")
      guard answer.status == 200, let values = (try? JSONReader.document(answer.body))?.value.array else {
        return .bad("HTTP \(answer.status), no JSON array")
      }
      let told = values.compactMap(ToldManifest.init)
      came.set(told)
      let names = told.map(\.version).joined(separator: ", ")
      let areAllRead = told.count == values.count && !told.isEmpty
      guard areAllRead else { return .bad("\(values.count) manifests, readable: \(names)") }
      let faults = answer.faults(wantingType: "application/json") + answer.faults(wanting: WebAnswer.neverKept)
      return .of(faults, otherwise: names)
    }
    return came.value ?? []
  }

  private static func gate(_ run: CheckRun, isOpen: Bool) async {
    let expected = isOpen ? "open: 200" : "closed: 404 \"Beta channel is disabled\""
    await run.look(.betaGate, expecting: expected) {
      let answer = try await run.get(Channel.beta.feedPath)
      let told = "HTTP \(answer.status): \(answer.text.prefix(40))"
      if isOpen { return answer.status == 200 ? .good("HTTP 200") : .bad(told) }
      let isClosed = answer.status == 404 && answer.text.hasPrefix("Beta channel is disabled")
      return isClosed ? .good(told) : .bad(told)
    }
  }

  private static func head(_ run: CheckRun) async {
    await run.look(.updatesHead, expecting: "the same status, length and fields, no body") {
      let whole = try await run.get(Channel.stable.feedPath)
      let head = try await run.get(Channel.stable.feedPath, method: .HEAD)
      return .of(head.faults(asHeadOf: whole), otherwise: "HTTP \(head.status), \(whole.body.count) bytes")
    }
  }
}

extension CheckRun {
  /// A page of the update server.
  func get(
    _ path: String, method: HTTPMethod = .GET, headers: [(String, String)] = []
  ) async throws -> WebAnswer {
    try await web.get(target.address(target.updates, path), method: method, headers: headers)
  }
}

extension Channel {
  /// Where its feed is.
  var feedPath: String { self == .stable ? "/updates/appcast.xml" : "/updates/appcast-beta.xml" }
}
