import NexyCore

/// A command as the model wrote it, not yet checked against what is allowed.
package struct ProposedCommand: Sendable, Equatable {
  /// As the model spelled it.
  package var name: String
  /// An object as a rule; none given is an empty one, and another type is kept as it came.
  package var arguments: JSONValue

  package init(name: String, arguments: JSONValue) {
    self.name = name
    self.arguments = arguments
  }
}

/// Reads a model's reply while it streams: says its text at once, keeps its command for the end.
///
/// A reply is plain text, or a JSON object with `text` and perhaps `command` and `args`: bare, fenced, in tags, in
/// quotes, escaped, after a preface or before more text. JSON is never said, whole or broken. How the reply is cut into
/// pieces changes nothing.
package struct ReplyReader: Sendable {
  private var repair = UTF8Repair()
  private var layer: ReplyLayer
  private var outlet = ReplyOutlet()
  /// Whole characters on their way to the layer; empty between two pieces.
  private var clean: [UInt8] = []

  /// - Parameter limit: How many bytes of one JSON object are kept for its command.
  package init(limit: Int = 262_144) {
    layer = ReplyLayer(limit: limit)
  }

  /// Takes a piece of the reply, cut anywhere, and returns the UTF-8 of the text that may now be shown and spoken.
  package mutating func feed(_ piece: some Sequence<UInt8>) -> [UInt8] {
    for byte in piece { repair.take(byte, into: &clean) }
    for byte in clean { layer.take(byte, saying: &outlet) }
    clean.removeAll(keepingCapacity: true)
    return outlet.take()
  }

  /// Ends the reply; a character, an escape or an opening that was cut in half is dropped.
  package mutating func finish() -> Ending {
    layer.end(saying: &outlet)
    return Ending(text: outlet.take(), command: layer.command, fault: layer.fault)
  }

  /// What is known when a reply is over.
  package struct Ending: Sendable, Equatable {
    /// The last bytes of text.
    package var text: [UInt8]
    /// The last command that came whole.
    package var command: ProposedCommand?
    /// What was wrong with the JSON first.
    package var fault: Fault?

    package init(text: [UInt8] = [], command: ProposedCommand? = nil, fault: Fault? = nil) {
      self.text = text
      self.command = command
      self.fault = fault
    }
  }

  /// Why a command may be missing.
  package enum Fault: Sendable, Equatable {
    case truncated, malformed, tooLong
  }
}
