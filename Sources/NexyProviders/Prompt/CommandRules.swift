import NexyVoice

/// What a language model is told of commands, made from the one table of them.
enum CommandRules {
  /// The one example of a reply that is JSON; a test reads it as a real reply is read.
  static let example = #"{"text": "Opening Safari.", "command": "open_app", "args": {"app_name": "Safari"}}"#

  /// A line for each command; in JSON its arguments too, which a tool declares itself.
  static func list(_ commands: [CommandSpecification], form: ReplyForm) -> String {
    commands.map { command in
      let line = "- \(command.name): \(command.meaning)"
      guard form == .json else { return line }
      if command.arguments.isEmpty { return line + " It takes no arguments." }
      return line + command.arguments.map { " \($0.name) (\(need($0))): \($0.meaning)" }.joined()
    }.joined(separator: "\n")
  }

  /// How the answer is written, and how it brings a command.
  static func form(_ form: ReplyForm, hasCommands: Bool) -> String {
    switch (form, hasCommands) {
    case (.tools, false):
      return "Write the words to be spoken and nothing else."
    case (.tools, true):
      return """
        Write the words to be spoken and nothing else. To do something on the Mac, call the tool of that name in the \
        same answer, after the words, once; never write a call out as text.
        """
    case (.json, false):
      return """
        \(jsonRules) Like this:
        {"text": "It is half past three."}
        """
    case (.json, true):
      return """
        \(jsonRules) To do something on the Mac, add the command's name under the key command and its arguments, each \
        of them text, as an object under the key args, which is {} if there are none. One answer holds one command at \
        most; without one, leave both keys out. Like this:
        \(example)
        """
    }
  }

  private static let jsonRules = """
    Write one JSON object on one line, with nothing before or after it and nothing around it. The words to be spoken \
    are a string under the key text, which comes first; a double quote in them is written \\" and a line break \\n.
    """

  private static func need(_ argument: CommandSpecification.Argument) -> String {
    argument.isRequired ? "needed" : "may be left out"
  }
}
