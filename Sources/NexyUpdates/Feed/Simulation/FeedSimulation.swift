/// Says which update a client is offered, as Sparkle decides it (`SUAppcastDriver.m` and
/// `SPUAppcastItemStateResolver.m`, 2.9), and what the released client would do.
///
/// Updates that a person skipped are not simulated.
package enum FeedSimulation {
  package static func verdict(of feed: Feed, for client: FeedClient) -> FeedVerdict {
    var selection = SparkleSelection(feed: feed, client: client)
    selection.decide()
    return FeedVerdict(
      offer: selection.offer, refusals: selection.refusals.sorted { $0.item < $1.item },
      released: ReleasedSimulation.verdict(of: feed, for: client))
  }
}

/// Sparkle's choice among the items of a feed.
struct SparkleSelection {
  private(set) var offer: FeedVerdict.Offer?
  private(set) var refusals: [FeedVerdict.Refusal] = []

  private let feed: Feed
  private let client: FeedClient
  private let build: SparkleVersion

  private struct Candidate {
    var number: Int
    var item: SparkleItem
    var version: SparkleVersion
    var isMajorUpgrade: Bool
  }

  init(feed: Feed, client: FeedClient) {
    self.feed = feed
    self.client = client
    build = SparkleVersion(client.build)
  }

  mutating func decide() {
    guard let items = readItems() else { return }
    var candidates: [Candidate] = []
    for (number, item) in items {
      if let barrier = ItemBarrier.first(of: item, for: client) {
        refuse(number, item, barrier.reason, readyAt: barrier.readyAt)
      } else {
        candidates.append(
          Candidate(
            number: number, item: item, version: SparkleVersion(item.version),
            isMajorUpgrade: isBelow(item.minimumAutoupdateVersion)))
      }
    }
    // Minor updates come first; a major upgrade is looked at only when there is none.
    let minor = best(of: candidates.filter { !$0.isMajorUpgrade })
    let isMinorNewer = minor?.version.compare(to: build) == .newer
    guard let chosen = isMinorNewer ? minor : best(of: candidates) else { return }
    let isNewer = chosen.version.compare(to: build) == .newer
    if isNewer { offer = offered(chosen) }
    for candidate in candidates where !isNewer || candidate.number != chosen.number {
      refuse(candidate.number, candidate.item, reason(against: candidate, chosen: chosen))
    }
  }

  /// - Returns: nil when one item is unreadable, for which Sparkle rejects the whole feed.
  private mutating func readItems() -> [(number: Int, item: SparkleItem)]? {
    var items: [(number: Int, item: SparkleItem)] = []
    var problem: (number: Int, why: SparkleItem.Unreadable)?
    for (offset, item) in feed.items.enumerated() {
      do throws(SparkleItem.Unreadable) {
        items.append((offset + 1, try SparkleItem(item, isFeedSigned: feed.trailer != nil)))
      } catch {
        problem = problem ?? (offset + 1, error)
      }
    }
    guard let problem else { return items }
    for (offset, item) in feed.items.enumerated() {
      let number = offset + 1
      let why =
        number == problem.number
        ? "it \(problem.why), for which Sparkle rejects the whole feed"
        : "Sparkle rejects the whole feed because of item \(problem.number)"
      let version = item.attribute("sparkle:version") ?? item.text("sparkle:version")
      refusals.append(
        .init(item: number, version: version, reason: "Item \(number) is not offered: \(why).", readyAt: nil))
    }
    return nil
  }

  private mutating func refuse(_ number: Int, _ item: SparkleItem, _ reason: String, readyAt: Int64? = nil) {
    refusals.append(
      .init(
        item: number, version: item.version,
        reason: "Item \(number), version \(FeedText.plain(item.version)), is not offered: \(reason).", readyAt: readyAt)
    )
  }

  /// Of equal versions the first in the feed is the best.
  private func best(of candidates: [Candidate]) -> Candidate? {
    candidates.dropFirst().reduce(candidates.first) { best, candidate in
      best?.version.compare(to: candidate.version) == .older ? candidate : best
    }
  }

  private func isBelow(_ bound: String?) -> Bool {
    bound.map { build.compare(to: SparkleVersion($0)) == .older } ?? false
  }

  private func offered(_ candidate: Candidate) -> FeedVerdict.Offer {
    let item = candidate.item
    return .init(
      item: candidate.number, version: item.version, displayVersion: item.displayVersion, address: item.address,
      delta: item.deltas[client.build], isCritical: item.critical?.contain(client.build) ?? false,
      isInformational: item.informational?.contain(client.build) ?? false,
      isMajorUpgrade: candidate.isMajorUpgrade)
  }

  private func reason(against candidate: Candidate, chosen: Candidate) -> String {
    switch candidate.version.compare(to: build) {
    case .older: return "it is older than the client's build \(FeedText.plain(client.build))"
    case .same: return "it equals the client's build \(FeedText.plain(client.build))"
    case .newer: break
    }
    switch candidate.version.compare(to: chosen.version) {
    case .same: return "item \(chosen.number) has the same version and stands before it"
    case .older: return "item \(chosen.number) is newer"
    case .newer:
      return "it is a major upgrade for builds below \(FeedText.plain(candidate.item.minimumAutoupdateVersion ?? "")), "
        + "and item \(chosen.number) comes first as a minor one"
    }
  }
}
