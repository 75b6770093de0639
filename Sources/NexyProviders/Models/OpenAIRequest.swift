import NexyCore
import NexyVoice

/// What a server of chat completions is sent
/// (https://platform.openai.com/docs/api-reference/chat/create).
struct OpenAIRequest: Sendable {
  let options: OpenAIModel.Options

  func content(of request: ModelRequest, image: InlineImage?, instructions: String) -> JSONValue {
    var content: [String: JSONValue] = [
      "model": .string(options.model), "stream": true, "stream_options": ["include_usage": true],
      "messages": .array(messages(of: request, image, instructions)),
    ]
    if let temperature = options.temperature, !hasFixedTemperature { content["temperature"] = .number(temperature) }
    if let maxTokens = options.maxTokens { content[maxTokensField] = .integer(Int64(maxTokens)) }
    if options.replyForm == .tools, !request.commands.isEmpty {
      content["tools"] = .array(request.commands.map { ["type": "function", "function": $0.toolDeclaration] })
    }
    return .object(content)
  }

  /// OpenAI's newer models refuse `max_tokens`, and all of its models take `max_completion_tokens`; of the servers that
  /// copy it all know `max_tokens`, and Ollama knows nothing else.
  private var maxTokensField: String { options.isOpenAI ? "max_completion_tokens" : "max_tokens" }

  /// OpenAI's reasoning models refuse every temperature but their own
  /// (https://platform.openai.com/docs/guides/latest-model).
  private var hasFixedTemperature: Bool {
    options.isOpenAI && ["o1", "o3", "o4", "gpt-5"].contains(where: options.model.hasPrefix)
  }

  private func messages(
    of request: ModelRequest, _ image: InlineImage?, _ instructions: String
  ) -> [JSONValue] {
    var messages: [JSONValue] = []
    if !instructions.isEmpty { messages.append(["role": "system", "content": .string(instructions)]) }
    for exchange in request.memory.exchanges where !exchange.prompt.isEmpty && !exchange.answer.isEmpty {
      messages.append(["role": "user", "content": .string(exchange.prompt)])
      messages.append(["role": "assistant", "content": .string(exchange.answer)])
    }
    // Text alone goes as a string, which servers without a model that sees take as well.
    var content = JSONValue.string(request.prompt)
    if let image {
      let url = "data:\(image.mediaType);base64,\(image.base64)"
      content = [
        ["type": "text", "text": content], ["type": "image_url", "image_url": ["url": .string(url)]],
      ]
    }
    messages.append(["role": "user", "content": content])
    return messages
  }
}
