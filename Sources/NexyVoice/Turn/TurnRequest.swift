import NexyCore

/// One turn as the intake let it in.
package struct TurnRequest: Sendable {
  package var device: DeviceID
  package var session: SessionID
  /// What was collected and committed, joined.
  package var prompt: String
  package var screenshot: Screenshot?
  /// The language the client asked to hear; nil means that of the words.
  package var language: Language?

  package init(
    device: DeviceID, session: SessionID, prompt: String, screenshot: Screenshot? = nil, language: Language? = nil
  ) {
    self.device = device
    self.session = session
    self.prompt = prompt
    self.screenshot = screenshot
    self.language = language
  }

  var owner: TurnSlot.Owner { TurnSlot.Owner(device: device, session: session) }

  /// The language of what the server itself has to say.
  var ownLanguage: Language { language ?? Language(scriptOf: prompt) ?? .english }
}
