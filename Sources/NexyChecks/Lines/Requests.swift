import Foundation
import NexyWire
import SwiftProtobuf

/// What the checks say, as the Macs of no user: every run, and every turn, is a device and a session of its own.
enum CheckRequests {
  static func session() -> String { UUID().uuidString.lowercased() }
  static func device() -> String { "nexy-check-\(UUID().uuidString.lowercased())" }

  /// A question that every model answers with a sentence or more.
  static let question = "What can you do?"

  /// What a model is asked to say again: so much that a server cannot send all of it to who does not read. The tone
  /// engine makes 18 MB of sound a second, and a busy server notices up to a tenth of a second later.
  static let recital = Array(repeating: fable, count: 3).joined(separator: " ")

  static let fable =
    """
    The north wind and the sun disputed which of them was the stronger. A traveller came along in a warm cloak. \
    They agreed that whoever made him take it off should be held the stronger. The wind blew as hard as it could. \
    The more it blew, the closer did the traveller fold the cloak around him. At last the north wind gave up. \
    Then the sun shone out warmly. The traveller opened his cloak a little. The sun shone on without a word. \
    At once the traveller took off his cloak. So the wind had to confess that the sun was the stronger of the two. \
    The traveller went on his way and knew nothing of it.
    """

  /// A turn whose reply is long and known.
  static func recitalTurn(device: String = device(), session: String = session()) -> Streaming_StreamRequest {
    turn("Repeat after me: \(recital)", device: device, session: session)
  }

  static func turn(
    _ prompt: String = question, device: String = device(), session: String = session()
  ) -> Streaming_StreamRequest {
    .commit(prompt, device: device, session: session)
  }

  static func collect(_ text: String, number: Int32, device: String, session: String) -> Streaming_StreamRequest {
    .with {
      $0.prompt = text
      $0.chunkText = text
      $0.chunkSeq = number
      $0.hardwareID = device
      $0.sessionID = session
      $0.phase = .collect
    }
  }

  static func usage(device: String = device()) -> Streaming_UsageRequest {
    .with {
      $0.hardwareID = device
      $0.sessionID = session()
      $0.source = "nexy-check"
      $0.inputTokens = 1
      $0.outputTokens = 1
      $0.model = "nexy-check"
    }
  }
}
