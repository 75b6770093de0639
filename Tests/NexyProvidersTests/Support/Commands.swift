@testable import NexyVoice

extension CommandSpecification {
  /// Two commands as a turn may offer them: one with arguments, one without.
  static let samples = [
    CommandSpecification(
      name: "send_message", meaning: "Send a message.",
      arguments: [
        Argument("contact", "To whom.", need: .required),
        Argument("service", "By what.", need: .optional),
      ], feature: .messages),
    CommandSpecification(name: "close_browser", meaning: "Close the browser.", arguments: [], feature: .browser),
  ]

  /// How they are declared as functions.
  static let samplesDeclared = """
    [{"name": "send_message", "description": "Send a message.", "parameters": {"type": "object", "properties": {
      "contact": {"type": "string", "description": "To whom."}, "service": {"type": "string", "description": "By what."}
    }, "required": ["contact"]}}, {"name": "close_browser", "description": "Close the browser."}]
    """
}
