/// A `StreamAudio` request as it came, before anything in it is believed.
package struct StreamCall: Sendable {
  /// What the request asks for, as the number on the wire says.
  package enum Phase: Sendable, Equatable { case unspecified, collect, commit, unknown(Int) }

  package var prompt = ""
  /// An image in base64.
  package var screenshot: String?
  package var screenWidth: Int?
  package var screenHeight: Int?
  package var hardwareID = ""
  package var sessionID = ""
  package var phase = Phase.unspecified
  /// The number of a collected piece; a later one is higher.
  package var chunkSequence = 0
  /// What was recognised of the speech so far.
  package var chunkText: String?
  /// The value of the `accept-language` metadata, when there is one.
  package var language: String?

  package init() {}
}
