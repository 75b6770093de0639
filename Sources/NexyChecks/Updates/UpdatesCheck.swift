import NIOHTTP1
import NexyCore
import NexyUpdates

/// What clients get when they look for an update: feeds, manifests, and the artifact itself over its public address.
enum UpdatesCheck {
  /// Why nothing of it is looked at.
  static let off = "/status says that the update server is off"

  static func look(_ run: CheckRun, _ settings: CheckSettings) async {
    if let status = try? await StatusPage.read(run), !status.servesUpdates {
      let points: [CheckPoint] = [
        .updatesHealth, .manifestsTold, .betaGate, .updatesHead, .updatesOrigins, .updatesLists,
      ]
      let all = points + Channel.allCases.flatMap { CheckPoint.OfChannel($0).all }
      for point in all { run.record(point, expecting: point.title, .skipped(off)) }
      return
    }
    let health = await health(run)
    let manifests = await manifests(run)
    let beta = BetaChannel(health)
    await gate(run, beta)
    await head(run)
    await UpdatesPages(run: run, opensOrigins: settings.opensOrigins).look(health, manifests)
    for channel in Channel.allCases {
      let points = CheckPoint.OfChannel(channel)
      if channel == .beta, let reason = beta.reason {
        for point in points.all { run.record(point, expecting: point.title, .skipped(reason)) }
        continue
      }
      await ChannelLook(
        run: run, channel: channel, points: points, key: settings.publicKey, manifests: manifests, health: health
      ).look()
    }
  }

  /// What `/updates/health` says of the beta channel.
  private enum BetaChannel {
    case closed, empty, published

    init(_ health: [String: JSONValue]?) {
      let isOpen = health?.isTrue("beta_updates_enabled") ?? false
      let isThere = health?["channels"]?.object?[Channel.beta.rawValue] != nil
      self = isOpen ? isThere ? .published : .empty : .closed
    }

    /// What its feed says in place of a feed; nil where there is one.
    var refusal: String? {
      switch self {
      case .closed: "Beta channel is disabled"
      case .empty: "No beta release is published"
      case .published: nil
      }
    }

    /// Why there is nothing to look at.
    var reason: String? { refusal.map { "/updates/health says that there is none: \($0)" } }
  }

  private static func health(_ run: CheckRun) async -> [String: JSONValue]? {
    let came = Found<[String: JSONValue]>()
    await run.look(.updatesHealth, expecting: "200, healthy", within: run.patience * 2) {
      let answer = try await settled(run)
      guard let page = answer.object else { return .bad("HTTP \(answer.status), no JSON object") }
      came.set(page)
      let faults = answer.faults(page, wanting: "healthy") + HealthMembers.updates.faults(.object(page))
      return .of(faults, otherwise: "version \(page.text("latest_version") ?? "none")")
    }
    return came.value
  }

  /// `/updates/health`, once the checksum of every artifact is known: until then an artifact is served without a tag.
  private static func settled(_ run: CheckRun) async throws -> WebAnswer {
    let began = ContinuousClock.now
    while true {
      let answer = try await run.get("/updates/health")
      let channels = answer.object?["channels"]?.object?.values.compactMap(\.object) ?? []
      let areChecked = !channels.contains { $0.text("artifact") == "checking" }
      if areChecked || ContinuousClock.now - began > run.patience { return answer }
      try await Task.sleep(for: .milliseconds(100))
    }
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

  private static func gate(_ run: CheckRun, _ beta: BetaChannel) async {
    await run.look(.betaGate, expecting: beta.refusal.map { "404 \"\($0)\"" } ?? "200") {
      let answer = try await run.get(Channel.beta.feedPath)
      let told = "HTTP \(answer.status): \(answer.text.prefix(40))"
      guard let refusal = beta.refusal else { return answer.status == 200 ? .good("HTTP 200") : .bad(told) }
      return answer.status == 404 && answer.text.hasPrefix(refusal) ? .good(told) : .bad(told)
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
