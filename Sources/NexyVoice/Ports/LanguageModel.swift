import NexyCore

/// What a turn asks a language model.
package struct ModelRequest: Sendable {
  /// What the answer is for; the account of usage tells it.
  package enum Purpose: String, Sendable {
    case turn
    /// Finding lasting facts in what was said.
    case memory
  }

  /// The user's words.
  package var prompt: String
  /// What the screen showed, when the client sent it.
  package var screenshot: Screenshot?
  /// The language the client wants to hear; nil means that of the prompt.
  package var language: Language?
  package var device: DeviceID
  package var session: SessionID
  /// What was said before, and what is known of the user.
  package var memory: Recollection
  /// The commands that the reply may hold; none where they are switched off.
  package var commands: [CommandSpecification]
  package var purpose: Purpose

  package init(
    prompt: String, screenshot: Screenshot? = nil, language: Language? = nil, device: DeviceID, session: SessionID,
    memory: Recollection = Recollection(), commands: [CommandSpecification] = [],
    purpose: Purpose = .turn
  ) {
    self.prompt = prompt
    self.screenshot = screenshot
    self.language = language
    self.device = device
    self.session = session
    self.memory = memory
    self.commands = commands
    self.purpose = purpose
  }
}

/// The user's screen as the client sent it: an image in base64 and the screen's size in points.
package struct Screenshot: Sendable, Equatable {
  package var base64: String
  package var width: Int?
  package var height: Int?

  package init(base64: String, width: Int? = nil, height: Int? = nil) {
    self.base64 = base64
    self.width = width
    self.height = height
  }
}

/// A piece of a model's reply. How the text is cut into deltas means nothing.
package enum ModelDelta: Sendable, Equatable {
  case text(String)
  case toolCall(name: String, arguments: JSONValue)
  /// What the call cost so far; the last one counts.
  case usage(TokenUsage)
}

/// What a call of a language model cost, as the provider counts it.
package struct TokenUsage: Sendable, Equatable {
  package var inputTokens: Int
  package var outputTokens: Int
  /// The model that answered, in the provider's spelling.
  package var model: String

  package init(inputTokens: Int, outputTokens: Int, model: String) {
    self.inputTokens = inputTokens
    self.outputTokens = outputTokens
    self.model = model
  }
}

/// A language model: a prompt goes in, deltas come out while it still thinks.
///
/// Cancelling the calling task stops the model's work; `emit` suspends when the turn cannot take more, and so slows
/// the model.
package protocol LanguageModel: Sendable {
  /// The provider's name as settings spell it.
  var name: String { get }
  /// The model in the provider's spelling: what usage is charged by where the provider does not say.
  var chargedName: String { get }

  func reply(to request: ModelRequest, emit: @escaping @Sendable (ModelDelta) async throws -> Void) async throws
}

extension LanguageModel {
  package var chargedName: String { "" }
}
