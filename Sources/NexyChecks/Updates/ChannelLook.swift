import NexyCore
import NexyUpdates

/// One channel: its feed, what it offers, and the artifact behind it.
struct ChannelLook: Sendable {
  let run: CheckRun
  let channel: Channel
  let points: CheckPoint.OfChannel
  /// What clients check signatures with; nil where the operator did not tell.
  let key: SparklePublicKey?
  let manifests: [ToldManifest]
  /// `/updates/health`; nil where it could not be read.
  let health: [String: JSONValue]?

  func look() async {
    let feed = await feed()
    let items = feed?.items ?? []
    let offer = items.first.flatMap(OfferedRelease.init)
    run.record(
      points.item, expecting: "one item: an enclosure with length, system and signature",
      .of(Self.faults(items, offer), otherwise: "one item"))
    guard let offer else {
      for point in [points.versions, points.agreement, points.artifact, points.type, points.signature, points.range] {
        run.record(point, expecting: "a release", .skipped("the feed offers none that can be read"))
      }
      return
    }
    versions(offer)
    agreement(offer, isSigned: feed?.trailer != nil)
    await ArtifactLook(
      run: run, points: points, key: key, offer: offer, manifest: manifests.first { $0.build == offer.build }
    ).look()
  }

  /// What `/updates/health` tells of this channel.
  private var told: [String: JSONValue]? { health?["channels"]?.object?[channel.rawValue]?.object }

  private func feed() async -> Feed? {
    let came = Found<(feed: Feed, tag: String)>()
    let address = run.target.address(run.target.updates, channel.feedPath)
    await run.look(points.feed, expecting: "200, XML, kept for a minute, nothing that clients reject") {
      let answer = try await run.web.get(address)
      var faults = answer.status == 200 ? [] : ["HTTP \(answer.status)"]
      faults += answer.faults(wantingType: "application/xml") + answer.faults(wanting: WebAnswer.keptAMinute)
      faults += answer.faultsOfValidators()
      faults += FeedLint.findings(in: answer.body).filter { $0.effect == .rejected }.map(\.message)
      if let feed = try? FeedReader().feed(from: answer.body) { came.set((feed, answer.headers["etag"] ?? "")) }
      return .of(faults, otherwise: "\(answer.body.count) bytes")
    }
    guard let (feed, tag) = came.value else {
      run.record(points.unchanged, expecting: "304", .skipped("the feed could not be read"))
      return nil
    }
    await run.look(points.unchanged, expecting: "304, no body; 200 to who has another") {
      let known = try await run.web.get(address, headers: [("if-none-match", tag)])
      let other = try await run.web.get(address, headers: [("if-none-match", "\"nexy-check\"")])
      var faults = known.status == 304 && known.body.isEmpty ? [] : ["HTTP \(known.status), \(known.body.count) bytes"]
      if other.status != 200 { faults.append("HTTP \(other.status) to who has another") }
      return .of(faults, otherwise: "304")
    }
    return feed
  }

  private static func faults(_ items: [FeedItem], _ offer: OfferedRelease?) -> [String] {
    var faults = items.count == 1 ? [] : ["\(items.count) items"]
    guard let offer else { return faults + (items.isEmpty ? [] : ["no enclosure with an address"]) }
    if offer.length <= 0 { faults.append("no length") }
    if offer.minimumSystem == nil { faults.append("no sparkle:minimumSystemVersion") }
    if offer.signature == nil { faults.append("no sparkle:edSignature") }
    if offer.url.hasSuffix(".xml") { faults.append("the download is a feed: \(offer.url)") }
    return faults
  }

  private func versions(_ offer: OfferedRelease) {
    let told = "\(offer.version) (\(offer.build))"
    let areWhole = [offer.version, offer.build].allSatisfy { ReleaseVersion(fourParts: $0) != nil }
    run.record(points.versions, expecting: "X.Y.Z.W (X.Y.Z.W)", areWhole ? .good(told) : .bad(told))
  }

  private func agreement(_ offer: OfferedRelease, isSigned: Bool) {
    var faults: [String] = []
    if channel == .stable { faults += Self.faults(health, "latest_version", "latest_build", offer) }
    faults += Self.faults(told, "version", "build", offer)
    if let told, told.isTrue("feed_signed") != isSigned { faults.append("the feed is \(isSigned ? "" : "un")signed") }
    if let manifest = manifests.first(where: { $0.build == offer.build }) {
      // A signed feed is its publisher's: it offers the same release, in the publisher's words. And of a beta that became
      // stable the stable manifest alone is told, with the address and the day of that.
      let isPromoted = isPromoted(offer)
      faults += isSigned || isPromoted ? manifest.differences(offer) : manifest.differences(offer.item)
      if isSigned, !isPromoted, manifest.url != offer.url { faults.append("the manifest's address is \(manifest.url)") }
    } else {
      faults.append("no manifest tells build \(offer.build)")
    }
    run.record(points.agreement, expecting: "the same release", .of(faults, otherwise: offer.build))
  }

  /// Whether the beta feed offers what the stable one does.
  private func isPromoted(_ offer: OfferedRelease) -> Bool {
    channel == .beta && health?["channels"]?.object?[Channel.stable.rawValue]?.object?.text("build") == offer.build
  }

  /// What a page about health says otherwise than the feed does.
  private static func faults(
    _ page: [String: JSONValue]?, _ version: String, _ build: String, _ offer: OfferedRelease
  ) -> [String] {
    [(version, offer.version), (build, offer.build)].compactMap { key, value in
      let told = page?.text(key) ?? "missing"
      return told == value ? nil : "health's \(key) is \(told), the feed's \(value)"
    }
  }
}
