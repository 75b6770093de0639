import NexyCore

/// What a turn asks a language model.
package struct ModelRequest: Sendable {
  /// The user's words.
  package var prompt: String
  /// What the screen showed, when the client sent it.
  package var screenshot: Screenshot?
  /// The language the client wants to hear; nil means that of the prompt.
  package var language: Language?
  package var device: DeviceID
  package var session: SessionID

  package init(
    prompt: String, screenshot: Screenshot? = nil, language: Language? = nil, device: DeviceID, session: SessionID
  ) {
    self.prompt = prompt
    self.screenshot = screenshot
    self.language = language
    self.device = device
    self.session = session
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
}

/// A language model: a prompt goes in, deltas come out while it still thinks.
///
/// Cancelling the calling task stops the model's work; `emit` suspends when the turn cannot take more, and so slows
/// the model.
package protocol LanguageModel: Sendable {
  /// The provider's name as settings spell it.
  var name: String { get }

  func reply(to request: ModelRequest, emit: @escaping @Sendable (ModelDelta) async throws -> Void) async throws
}
