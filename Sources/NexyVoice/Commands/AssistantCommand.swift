import Foundation
import NexyCore

/// A command to the client's machine that was checked against what is allowed.
package struct AssistantCommand: Sendable, Equatable {
  /// In its normal form, such as `open_app`.
  package let name: String
  package let arguments: [String: JSONValue]
  /// The session of the turn that sends it, whatever the model wrote.
  package let session: SessionID

  /// As a model would propose it.
  var proposed: ProposedCommand { ProposedCommand(name: name, arguments: .object(arguments)) }

  /// What the client reads: `{"session_id": …, "command": …, "args": {…}}`, non-ASCII kept.
  package func json() throws -> String {
    struct Payload: Encodable {
      let session: String
      let command: String
      let args: [String: JSONValue]

      enum CodingKeys: String, CodingKey {
        case session = "session_id"
        case command, args
      }
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let payload = Payload(session: session.text, command: name, args: arguments)
    return String(decoding: try encoder.encode(payload), as: UTF8.self)
  }
}
