import NexyCore
import NexyVoice

/// Any server with OpenAI's chat completions: OpenAI itself, Ollama, llama.cpp, vLLM, LM Studio.
///
/// https://platform.openai.com/docs/api-reference/chat-streaming
package struct OpenAIModel: LanguageModel {
  package let name = "openai"
  private let baseURL: String
  private let key: APIKey?
  private let options: ModelOptions
  private let upstream: Upstream
  private let onUsage: @Sendable (ModelUsage) -> Void

  /// - Parameters:
  ///   - baseURL: up to and with the version, such as `https://api.openai.com/v1`.
  ///   - key: nil for a server that wants none.
  package init(
    baseURL: String, key: APIKey?, options: ModelOptions, upstream: Upstream,
    onUsage: @escaping @Sendable (ModelUsage) -> Void
  ) {
    self.baseURL = String(baseURL.reversed().drop { $0 == "/" }.reversed())
    self.key = key
    self.options = options
    self.upstream = upstream
    self.onUsage = onUsage
  }

  package func reply(
    to request: ModelRequest, emit: @escaping @Sendable (ModelDelta) async throws -> Void
  ) async throws {
    let message = UpstreamRequest(
      url: baseURL + "/chat/completions",
      headers: [("Accept", "text/event-stream")] + (key.map { [("Authorization", "Bearer \($0.text)")] } ?? []),
      json: Self.body(for: request, options, tokenLimit: tokenLimit), expects: "text/event-stream")
    let call = ModelCall(upstream: upstream, names: .openAI, model: options.model, key: key, onUsage: onUsage)
    try await call.run(message, for: request, reader: OpenAIReply(names: .openAI, key: key), emit: emit)
  }

  /// OpenAI's newer models refuse `max_tokens`; the others know only that.
  private var tokenLimit: String {
    baseURL.lowercased().hasPrefix("https://api.openai.com/") ? "max_completion_tokens" : "max_tokens"
  }

  private static func body(for request: ModelRequest, _ options: ModelOptions, tokenLimit: String) -> JSONValue {
    var body: [String: JSONValue] = [
      "model": .string(options.model), "stream": true, "stream_options": ["include_usage": true],
      "messages": [
        ["role": "system", "content": .string(options.instructions(request))],
        ["role": "user", "content": content(of: request)],
      ],
    ]
    if let temperature = options.temperature { body["temperature"] = .number(temperature) }
    if let maxTokens = options.maxTokens { body[tokenLimit] = .integer(Int64(maxTokens)) }
    if !options.tools.isEmpty {
      body["tools"] = .array(
        options.tools.map { tool in
          [
            "type": "function",
            "function": [
              "name": .string(tool.name), "description": .string(tool.summary), "parameters": tool.parameters,
            ],
          ]
        })
    }
    return .object(body)
  }

  /// Text alone stays a string: servers that read no images do not all read parts.
  private static func content(of request: ModelRequest) -> JSONValue {
    guard let image = request.screenshot?.base64, let type = ImageType(base64: image) else {
      return .string(request.prompt)
    }
    return [
      ["type": "text", "text": .string(request.prompt)],
      ["type": "image_url", "image_url": ["url": .string("data:\(type.rawValue);base64,\(image)")]],
    ]
  }
}
