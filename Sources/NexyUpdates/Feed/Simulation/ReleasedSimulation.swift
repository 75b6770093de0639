/// What the released client does with a feed: it takes the first item, compares the build on its enclosure as Python's
/// `packaging.version` does, and looks at no channel, system, hardware, signature or rollout.
enum ReleasedSimulation {
  static func verdict(of feed: Feed, for client: FeedClient) -> ReleasedVerdict {
    func stays(_ why: String, _ item: ReleasedItem? = nil) -> ReleasedVerdict {
      verdict(.stays, "The released client stays as it is: \(why).", item)
    }
    guard let first = feed.items.first else { return stays("the feed has no item") }
    guard let item = ReleasedItem(first) else { return stays("the first item has no enclosure") }
    guard let build = item.build else { return stays("the first enclosure has no sparkle:version", item) }
    guard let offered = PackagingVersion(build) else {
      return stays("it cannot parse the build \(FeedText.quoted(build))", item)
    }
    if let length = item.length, ReleasedItem.bytes(length) == nil {
      return stays("it cannot read the length \(FeedText.quoted(length))", item)
    }
    guard let own = PackagingVersion(client.build) else {
      return stays("it cannot parse its own build \(FeedText.quoted(client.build))", item)
    }
    guard offered > own else {
      return stays("build \(FeedText.plain(build)) is not above its own build \(FeedText.plain(client.build))", item)
    }
    return download(item, build: build)
  }

  private static func download(_ item: ReleasedItem, build: String) -> ReleasedVerdict {
    func fails(_ why: String) -> ReleasedVerdict {
      verdict(.fails, "The released client takes build \(FeedText.plain(build)) for an update and fails: \(why).", item)
    }
    guard let text = item.address, !text.isEmpty else { return fails("the enclosure has no url") }
    let address = FeedAddress(text)
    guard address.isSecure, !address.host.isEmpty else { return fails("it downloads over https only") }
    guard item.kind != .zip else { return fails("it cannot install a .zip") }
    let size =
      (item.length.flatMap(ReleasedItem.bytes) ?? 0) == 0
      ? "the download's size is not checked"
      : "the download must have \(FeedText.plain(item.length ?? "")) bytes exactly"
    return verdict(
      .updates,
      "The released client updates to version \(FeedText.plain(item.version)), build \(FeedText.plain(build)), "
        + "from a .\(item.kind.rawValue); \(size).",
      item)
  }

  private static func verdict(
    _ outcome: ReleasedVerdict.Outcome, _ line: String, _ item: ReleasedItem?
  ) -> ReleasedVerdict {
    ReleasedVerdict(outcome: outcome, build: item?.build, address: item?.address, lines: [line])
  }
}
