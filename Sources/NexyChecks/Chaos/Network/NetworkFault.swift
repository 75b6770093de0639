/// How the network between a server and its provider is.
enum NetworkFault: Sendable, Equatable {
  case none
  /// Nobody listens.
  case gone
  /// Each piece of an answer comes later.
  case late(Duration)
  /// Questions are taken, and not a byte comes back.
  case silent
  /// Answers drip.
  case trickle(bytes: Int, every: Duration)
  /// This in the place of each answer.
  case lie(ProviderLie)
  /// The connection ends after so many bytes of an answer.
  case cut(after: Int)
}
