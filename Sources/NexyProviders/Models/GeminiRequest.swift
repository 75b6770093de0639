import NexyCore
import NexyVoice

/// What Gemini is sent: the body of `streamGenerateContent`
/// (https://ai.google.dev/api/generate-content#request-body).
struct GeminiRequest: Sendable {
  let options: GeminiModel.Options

  func content(of request: ModelRequest, image: InlineImage?, instructions: String) -> JSONValue {
    var content: [String: JSONValue] = ["contents": .array(contents(of: request, image))]
    if !instructions.isEmpty { content["systemInstruction"] = ["parts": [["text": .string(instructions)]]] }
    let tools = tools(for: request)
    if !tools.isEmpty { content["tools"] = .array(tools) }
    var generation: [String: JSONValue] = [:]
    if let temperature = options.temperature { generation["temperature"] = .number(temperature) }
    if let maxTokens = options.maxTokens { generation["maxOutputTokens"] = .integer(Int64(maxTokens)) }
    if !generation.isEmpty { content["generationConfig"] = .object(generation) }
    return .object(content)
  }

  private func contents(of request: ModelRequest, _ image: InlineImage?) -> [JSONValue] {
    var contents: [JSONValue] = []
    // Gemini refuses an empty part, so what was never answered is left out.
    for exchange in request.memory.exchanges where !exchange.prompt.isEmpty && !exchange.answer.isEmpty {
      contents.append(["role": "user", "parts": [["text": .string(exchange.prompt)]]])
      contents.append(["role": "model", "parts": [["text": .string(exchange.answer)]]])
    }
    var parts: [JSONValue] = []
    // One image stands before its question (https://ai.google.dev/gemini-api/docs/image-understanding).
    if let image {
      parts.append(["inlineData": ["mimeType": .string(image.mediaType), "data": .string(image.base64)]])
    }
    parts.append(["text": .string(request.prompt)])
    contents.append(["role": "user", "parts": .array(parts)])
    return contents
  }

  /// Search and functions in one request are refused, so commands go before search
  /// (https://ai.google.dev/gemini-api/docs/function-calling).
  private func tools(for request: ModelRequest) -> [JSONValue] {
    var tools: [JSONValue] = []
    if options.replyForm == .tools, !request.commands.isEmpty {
      tools.append(["functionDeclarations": .array(request.commands.map(\.toolDeclaration))])
    }
    if options.searches, tools.isEmpty, request.purpose == .turn { tools.append(["google_search": [:]]) }
    return tools
  }
}
