import NexyCore
import Yams

/// What the `scripted` language model replays: replies, of which the first that fits the prompt is played.
package struct Script: Sendable, Equatable, Decodable {
  /// One reply and the prompts it answers.
  package struct Reply: Sendable, Equatable, Decodable {
    /// The reply is played when the prompt contains this, in any case; without it, for every prompt.
    package var when: String?
    /// Milliseconds before each delta that has no delay of its own.
    package var delayMilliseconds: Int?
    package var deltas: [Delta]
    package var fault: Fault?

    private enum CodingKeys: String, CodingKey {
      case when, deltas, fault
      case delayMilliseconds = "delay_ms"
    }

    package init(when: String? = nil, delayMilliseconds: Int? = nil, deltas: [Delta], fault: Fault? = nil) {
      self.when = when
      self.delayMilliseconds = delayMilliseconds
      self.deltas = deltas
      self.fault = fault
    }

    package init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      when = try container.decodeIfPresent(String.self, forKey: .when)
      delayMilliseconds = try container.decodeIfPresent(Int.self, forKey: .delayMilliseconds)
      deltas = try container.decodeIfPresent([Delta].self, forKey: .deltas) ?? []
      fault = try container.decodeIfPresent(Fault.self, forKey: .fault)
    }
  }

  /// Text, as a bare string or under `text`; or a tool call.
  package struct Delta: Sendable, Equatable, Decodable {
    package var text: String?
    /// The name of the command that a tool call asks for.
    package var tool: String?
    package var arguments: JSONValue?
    /// Milliseconds before it.
    package var delayMilliseconds: Int?

    private enum CodingKeys: String, CodingKey {
      case text, tool, arguments
      case delayMilliseconds = "delay_ms"
    }

    package init(text: String? = nil, tool: String? = nil, arguments: JSONValue? = nil, delayMilliseconds: Int? = nil) {
      self.text = text
      self.tool = tool
      self.arguments = arguments
      self.delayMilliseconds = delayMilliseconds
    }

    package init(from decoder: any Decoder) throws {
      if let text = try? decoder.singleValueContainer().decode(String.self) {
        self.init(text: text)
        return
      }
      let container = try decoder.container(keyedBy: CodingKeys.self)
      self.init(
        text: try container.decodeIfPresent(String.self, forKey: .text),
        tool: try container.decodeIfPresent(String.self, forKey: .tool),
        arguments: try container.decodeIfPresent(JSONValue.self, forKey: .arguments),
        delayMilliseconds: try container.decodeIfPresent(Int.self, forKey: .delayMilliseconds))
      guard (text == nil) != (tool == nil) else {
        throw DecodingError.dataCorrupted(
          .init(codingPath: decoder.codingPath, debugDescription: "a delta has either text or tool"))
      }
    }
  }

  /// What goes wrong with a reply, and when.
  package struct Fault: Sendable, Equatable, Decodable {
    /// What goes wrong.
    package enum Kind: String, Sendable, Decodable, CaseIterable {
      /// The model fails.
      case error
      /// The model falls silent: for `for_ms`, or for ever.
      case stall
      /// The reply ends in bytes that are no JSON and no text.
      case malformed
      /// The reply ends well at once, with nothing more in it.
      case empty
    }

    package var kind: Kind
    /// Deltas that are played before it; all, when it is not given.
    package var after: Int?
    /// How long a stall lasts; without it, for ever.
    package var forMilliseconds: Int?

    private enum CodingKeys: String, CodingKey {
      case kind, after
      case forMilliseconds = "for_ms"
    }

    package init(kind: Kind, after: Int? = nil, forMilliseconds: Int? = nil) {
      self.kind = kind
      self.after = after
      self.forMilliseconds = forMilliseconds
    }
  }

  /// The first that fits the prompt is played.
  package var replies: [Reply]

  package init(replies: [Reply]) { self.replies = replies }

  /// - Throws: `NexyError` that says where the script is wrong.
  package init(yaml: String, name: String) throws {
    do {
      self = try YAMLDecoder().decode(Script.self, from: yaml)
    } catch {
      throw NexyError(
        .badScript, "The script \(name) cannot be played: \(Self.reason(error)). docs/scripted.md shows the format.")
    }
    guard !replies.isEmpty else { throw NexyError(.badScript, "The script \(name) has no replies.") }
  }

  private static func reason(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "\(error)" }
    let context: DecodingError.Context? =
      switch error {
      case .dataCorrupted(let context), .keyNotFound(_, let context), .typeMismatch(_, let context),
        .valueNotFound(_, let context):
        context
      @unknown default: nil
      }
    let path = context?.codingPath.map(\.stringValue).joined(separator: ".") ?? ""
    return "at \(path.isEmpty ? "the top" : path): \(context?.debugDescription ?? "\(error)")"
  }
}

extension NexyError.Code {
  /// A script cannot be read or played.
  package static let badScript = Self("bad_script")
}
