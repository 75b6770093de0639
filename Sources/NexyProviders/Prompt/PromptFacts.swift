import NexyCore
import NexyVoice

/// What decides which sections of the prompt a language model gets, and what stands in their placeholders.
package struct PromptFacts: Sendable {
  /// A fact of the request, as a section's `when` names it.
  package enum Condition: String, Sendable, CaseIterable {
    case commands
    case noCommands = "no_commands"
    case date
    case json
    case memory
    case noScreenshot = "no_screenshot"
    case screenSize = "screen_size"
    case screenshot
    case search
    case tools
  }

  /// How the model brings a command.
  package var form: ReplyForm
  /// The keys of the feature flags that are on, kill switches taken into account.
  package var flags: Set<String>
  /// The commands that the answer may hold.
  package var commands: [CommandSpecification]
  /// The language that the client asked for; nil means that of the user's words.
  package var language: Language?
  /// What is remembered of the user, a line each.
  let memories: [String]
  package var hasScreenshot: Bool
  /// In points, where the client sent it.
  package var screenSize: (width: Int, height: Int)?
  /// Whether the model can search the web.
  package var searches: Bool
  /// The date and time in words.
  package var date: String?

  /// The facts of a request, and beside them what only the server knows.
  package init(
    _ request: ModelRequest, form: ReplyForm, flags: Set<String> = [], searches: Bool = false, date: String? = nil
  ) {
    self.form = form
    self.flags = flags
    self.searches = searches
    self.date = date
    commands = request.commands
    language = request.language
    memories = RememberedFacts.lines(request.memory.facts)
    hasScreenshot = request.screenshot != nil
    if let width = request.screenshot?.width, let height = request.screenshot?.height, width > 0, height > 0 {
      screenSize = (width, height)
    }
  }

  func holds(_ condition: Condition) -> Bool {
    switch condition {
    case .commands: !commands.isEmpty
    case .noCommands: commands.isEmpty
    case .date: date != nil
    case .json: form == .json
    case .memory: !memories.isEmpty
    case .noScreenshot: !hasScreenshot
    case .screenSize: screenSize != nil
    case .screenshot: hasScreenshot
    case .search: searches
    case .tools: form == .tools
    }
  }
}
