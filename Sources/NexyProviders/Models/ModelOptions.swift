import NexyVoice

/// What a language model is told beside the user's words.
package struct ModelOptions: Sendable {
  package var model: String
  /// Nil leaves it to the provider.
  package var temperature: Double?
  /// Tokens of a reply; nil leaves it to the provider.
  package var maxTokens: Int?
  /// The system prompt of a request.
  package var instructions: @Sendable (ModelRequest) -> String
  /// The commands that the model may call.
  package var tools: [ModelTool]

  package init(
    model: String, temperature: Double? = nil, maxTokens: Int? = nil, tools: [ModelTool] = [],
    instructions: @escaping @Sendable (ModelRequest) -> String
  ) {
    self.model = model
    self.temperature = temperature
    self.maxTokens = maxTokens
    self.tools = tools
    self.instructions = instructions
  }
}
