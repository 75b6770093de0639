/// A `StreamAudio` request as it came, before anything in it is believed.
package struct StreamCall: Sendable {
  package enum Phase: Sendable, Equatable { case unspecified, collect, commit, unknown(Int) }

  package var prompt = ""
  package var screenshot: String?
  package var screenWidth: Int?
  package var screenHeight: Int?
  package var hardwareID = ""
  package var sessionID = ""
  package var phase = Phase.unspecified
  package var chunkSequence = 0
  package var chunkText: String?
  /// The value of the `accept-language` metadata, when there is one.
  package var language: String?

  package init() {}
}
