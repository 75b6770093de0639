/// What a feed means for one Mac, for a client with Sparkle and for the released client.
package struct FeedVerdict: Sendable, Equatable {
  /// What a client with Sparkle is offered.
  package struct Offer: Sendable, Equatable {
    /// The item's place in the feed, from 1.
    package var item: Int
    package var version: String
    package var displayVersion: String
    /// What is downloaded; nil when the item only informs.
    package var address: String?
    /// The smaller download from exactly the client's build, which is tried first.
    package var delta: String?
    package var isCritical: Bool
    package var isInformational: Bool
    /// Whether it is never installed without asking, by `sparkle:minimumAutoupdateVersion`.
    package var isMajorUpgrade: Bool
  }

  /// Why an item is not offered.
  package struct Refusal: Sendable, Equatable {
    /// The item's place in the feed, from 1.
    package var item: Int
    /// nil when the item has none that Sparkle can read.
    package var version: String?
    /// A sentence that begins with the item's place.
    package var reason: String
    /// When it will be offered, in seconds since 1970, if only its rollout is waited for.
    package var readyAt: Int64?
  }

  package var offer: Offer?
  /// Every other item, in the feed's order.
  package var refusals: [Refusal]
  package var released: ReleasedVerdict

  /// The verdict in plain sentences, one a line.
  package var lines: [String] {
    [offer?.sentence ?? "Sparkle offers nothing."] + refusals.map(\.reason) + released.lines
  }
}

extension FeedVerdict.Offer {
  package var sentence: String {
    let (build, shown) = (FeedText.plain(version), FeedText.plain(displayVersion))
    let name = displayVersion == version ? build : "\(shown) (\(build))"
    let way = delta != nil && !isInformational ? ", by a delta" : ""
    return "Sparkle offers item \(item), version \(name), as \(kind)\(way)."
  }

  private var kind: String {
    if isInformational { return "information only" }
    if isCritical { return "a critical update" }
    return isMajorUpgrade ? "a major upgrade, never by itself" : "an update"
  }
}

/// What the released client does with a feed.
package struct ReleasedVerdict: Sendable, Equatable {
  package enum Outcome: String, Sendable {
    /// It downloads and installs.
    case updates
    /// It stays as it is.
    case stays
    /// It takes the item for an update and fails on it, again at every check.
    case fails
  }

  package var outcome: Outcome
  /// The build that it found.
  package var build: String?
  package var address: String?
  /// Sentences that say why.
  package var lines: [String]
}
