extension CheckPoint {
  static let limitReached = Self(
    "backpressure.limit", "As many turns run at once as the limit says",
    cause: "Slots leaked, others use the server, or it has another limit than /status tells.", see: .limits)
  static let surplusRefused = Self(
    "backpressure.surplus", "Exactly the surplus is refused, with the right status",
    cause: "The limit is not kept, or a proxy answers in the server's place.", see: .limits)
  static let surplusAdvice = Self(
    "backpressure.retry_after", "A refusal says when to come again", cause: "A proxy takes trailers away.",
    see: .refusals)
  static let released = Self(
    "backpressure.release", "The held turns go on and end well", cause: "Waiting turns were cut.", see: .limits)
  static let served = Self(
    "backpressure.afterwards", "After the release new turns are served", cause: "Slots leaked.", see: .limits)
  static let servedAgain = Self(
    "backpressure.again", "As many turns as before run again", cause: "Slots leaked.", see: .limits)
  static let countBack = Self(
    "backpressure.count", "After the release no turn is counted", cause: "Slots leaked.", see: .limits)
  static let deviceLimit = Self(
    "backpressure.device", "A device has its limit of turns",
    cause: "One device can take all slots, or fewer than /status tells.", see: .limits)
  static let sessionLimit = Self(
    "backpressure.session", "A session has one turn", cause: "One session can run twice.", see: .limits)
  static let rateLimit = Self(
    "backpressure.rate", "A device that asks too often is refused", cause: "The rate is not kept.", see: .limits)
  static let idleLimit = Self(
    "backpressure.idle", "A turn that nobody reads is ended", cause: "The idle rule is not kept.", see: .limits)
}
