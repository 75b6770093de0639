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
  /// `/updates/health`, which tells the newest of the stable channel; nil for another one.
  let latest: [String: JSONValue]?

  func look() async {
    guard let offer = await feed() else {
      for point in [points.versions, points.agreement, points.artifact, points.type, points.signature, points.range] {
        run.record(point, expecting: "a release", .skipped("the feed offers none that can be read"))
      }
      return
    }
    versions(offer)
    agreement(offer)
    await ArtifactLook(
      run: run, points: points, key: key, offer: offer, manifest: manifests.first { $0.build == offer.build }
    ).look()
  }

  private func feed() async -> OfferedRelease? {
    let came = Found<Feed>()
    await run.look(points.feed, expecting: "200, XML, kept for a minute, nothing that clients reject") {
      let answer = try await run.web.get(run.target.address(run.target.updates, channel.feedPath))
      var faults = answer.status == 200 ? [] : ["HTTP \(answer.status)"]
      let type = answer.headers["content-type"] ?? "no content-type"
      if !type.contains("xml") { faults.append(type) }
      let kept = answer.headers["cache-control"] ?? "no Cache-Control"
      if kept != "public, max-age=60" { faults.append(kept) }
      faults += FeedLint.findings(in: answer.body).filter { $0.effect == .rejected }.map(\.message)
      if let feed = try? FeedReader().feed(from: answer.body) { came.set(feed) }
      return .of(faults, otherwise: "\(answer.body.count) bytes")
    }
    let items = came.value?.items ?? []
    let offer = items.first.flatMap(OfferedRelease.init)
    run.record(
      points.item, expecting: "one item: an enclosure with length, system and signature",
      .of(Self.faults(items, offer), otherwise: "one item"))
    return offer
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

  private func agreement(_ offer: OfferedRelease) {
    var faults: [String] = []
    if let latest {
      for (key, value) in [("latest_version", offer.version), ("latest_build", offer.build)] {
        let told = latest.text(key) ?? "missing"
        if told != value { faults.append("health's \(key) is \(told), the feed's \(value)") }
      }
    }
    if let manifest = manifests.first(where: { $0.build == offer.build }) {
      if manifest.version != offer.version { faults.append("the manifest's version is \(manifest.version)") }
      if manifest.size != offer.length {
        faults.append("the manifest's size is \(manifest.size), the feed's length \(offer.length)")
      }
      if manifest.url != offer.url { faults.append("the manifest's address is \(manifest.url)") }
      if manifest.signature != offer.signature { faults.append("the manifest has another signature") }
    } else {
      faults.append("no manifest tells build \(offer.build)")
    }
    run.record(points.agreement, expecting: "the same release", .of(faults, otherwise: offer.build))
  }
}
