import NexyCore
import NexyVoice

/// What `{{…}}` in the prompt stands for.
enum PromptPlaceholder: String, Sendable, CaseIterable {
  /// The commands that the answer may hold, a line each.
  case commands
  case date
  /// The language to answer in.
  case language
  /// What is remembered of the user, fenced as data.
  case memory
  /// How the answer is written, and how it brings a command.
  case replyForm = "reply_form"
  case screenSize = "screen_size"

  /// Those without which no answer could bring a command.
  static let required: [PromptPlaceholder] = [.commands, .replyForm]

  /// - Returns: Without a line break at either end; empty when there is nothing to say.
  func text(for facts: PromptFacts) -> String {
    switch self {
    case .commands: CommandRules.list(facts.commands, form: facts.form)
    case .date: facts.date ?? ""
    case .language: Self.name(of: facts.language)
    case .memory: RememberedFacts.fenced(facts.memories)
    case .replyForm: CommandRules.form(facts.form, hasCommands: !facts.commands.isEmpty)
    case .screenSize: facts.screenSize.map { "\($0.width) by \($0.height) points" } ?? ""
    }
  }

  private static func name(of language: Language?) -> String {
    switch language {
    case .english: "English"
    case .russian: "Russian"
    case nil: "the language of the user's latest words, English or Russian"
    }
  }
}
