import NexyUpdates

extension CheckPoint {
  static let updatesHealth = Self(
    "updates.health", "/updates/health says healthy",
    cause: "A manifest, an artifact or a signature is wrong, or nothing is published: `reasons` names it.",
    see: .updates)
  static let manifestsTold = Self(
    "updates.manifests", "/updates/api/manifests tells the releases", cause: "A manifest cannot be read.", see: .updates
  )
  static let betaGate = Self(
    "updates.gate", "The beta feed is there exactly when its gate is open",
    cause: "UPDATE_BETA_ENABLED of this runtime is not what /updates/health says.", see: .updates)
  static let updatesHead = Self(
    "updates.head", "HEAD tells what GET does", cause: "A proxy answers in the server's place.", see: .ingress)

  static let updatesOrigins = Self(
    "updates.origins", "Pages may be read from any origin, those of errors too",
    cause: "A proxy takes a field away or adds its own; or UPDATE_CORS is off there: say UPDATE_CORS=false here too.",
    see: .ingress)
  static let updatesLists = Self(
    "updates.lists", "/updates/api/versions and /updates/api/artifacts tell the same releases",
    cause: "Two servers answer, or a release is half published: see `nexy release status`.", see: .updates)

  /// The points of one channel's feed and artifact.
  struct OfChannel: Sendable {
    let feed, unchanged, item, versions, agreement, artifact, type, signature, range: CheckPoint

    var all: [CheckPoint] { [feed, unchanged, item, versions, agreement, artifact, type, signature, range] }

    init(_ channel: Channel) {
      let (name, word) = (channel.rawValue, channel == .stable ? "The stable feed" : "The beta feed")
      func point(_ id: String, _ title: String, _ cause: String, _ section: RunbookSection = .updates) -> CheckPoint {
        CheckPoint("updates.\(name).\(id)", title, cause: cause, see: section)
      }
      feed = point(
        "feed", "\(word) is one that clients read", "The manifest is wrong, or a proxy changes pages.")
      unchanged = point(
        "unchanged", "\(word) is not sent again to who has it", "A proxy takes its tag away, or changes it.", .ingress)
      item = point(
        "item", "\(word) offers one release, whole", "A feed was made by hand, or of another channel.")
      versions = point(
        "versions", "\(word) has versions of four parts",
        "A manifest was written by hand: use `nexy updates manifest set`.")
      agreement = point(
        "agreement", "\(word) is what health and manifest say",
        "Two servers answer, or a release is half published: see `nexy release status`.")
      artifact = point(
        "artifact", "Its artifact has the size and the checksum that are told",
        "The artifact was replaced without its manifest: see `nexy release status`.")
      type = point("type", "Its artifact is served as a file", "A page of an error is served in its place.")
      signature = point(
        "signature", "Its signature is of these bytes, by the clients' key",
        "A stale signature was published: sign again with `nexy updates sign`.")
      range = point("range", "A download goes on where it stopped", "A proxy takes Range away.", .ingress)
    }
  }
}
