import NexyCore
import NexyVoice

/// Google's Gemini over its REST API.
///
/// https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent
package struct GeminiModel: LanguageModel {
  /// What the model may use; most models refuse both at once.
  package enum Tools: Sendable, Equatable { case none, googleSearch, commands }

  package static let baseURL = "https://generativelanguage.googleapis.com/v1beta"

  package let name = "gemini"
  private let url: String
  private let key: APIKey
  private let options: ModelOptions
  private let tools: Tools
  private let upstream: Upstream
  private let onUsage: @Sendable (ModelUsage) -> Void

  /// - Parameters:
  ///   - baseURL: up to and with the version.
  ///   - tools: `commands` are those of `options`.
  package init(
    baseURL: String = GeminiModel.baseURL, key: APIKey, options: ModelOptions, tools: Tools = .googleSearch,
    upstream: Upstream, onUsage: @escaping @Sendable (ModelUsage) -> Void
  ) {
    let base = String(baseURL.reversed().drop { $0 == "/" }.reversed())
    // A tuned model has a collection of its own.
    let model = options.model.contains("/") ? options.model : "models/" + options.model
    self.url = "\(base)/\(model):streamGenerateContent?alt=sse"
    self.key = key
    self.options = options
    self.tools = tools
    self.upstream = upstream
    self.onUsage = onUsage
  }

  package func reply(
    to request: ModelRequest, emit: @escaping @Sendable (ModelDelta) async throws -> Void
  ) async throws {
    let message = UpstreamRequest(
      url: url, headers: [("x-goog-api-key", key.text)], json: body(for: request), expects: "text/event-stream")
    let call = ModelCall(upstream: upstream, names: .gemini, model: options.model, key: key, onUsage: onUsage)
    try await call.run(message, for: request, reader: GeminiReply(names: .gemini, key: key), emit: emit)
  }

  private func body(for request: ModelRequest) -> JSONValue {
    var body: [String: JSONValue] = [
      "systemInstruction": ["parts": [["text": .string(options.instructions(request))]]],
      "contents": [["role": "user", "parts": .array(Self.parts(of: request))]],
    ]
    var generation: [String: JSONValue] = [:]
    if let temperature = options.temperature { generation["temperature"] = .number(temperature) }
    if let maxTokens = options.maxTokens { generation["maxOutputTokens"] = .integer(Int64(maxTokens)) }
    if !generation.isEmpty { body["generationConfig"] = .object(generation) }
    switch tools {
    case .googleSearch: body["tools"] = [["google_search": [:]]]
    case .commands where !options.tools.isEmpty:
      body["tools"] = [["functionDeclarations": .array(options.tools.map(Self.declaration))]]
    case .commands, .none: break
    }
    return .object(body)
  }

  private static func parts(of request: ModelRequest) -> [JSONValue] {
    let text: JSONValue = ["text": .string(request.prompt)]
    guard let image = request.screenshot?.base64, let type = ImageType(base64: image) else { return [text] }
    return [["inlineData": ["mimeType": .string(type.rawValue), "data": .string(image)]], text]
  }

  private static func declaration(of tool: ModelTool) -> JSONValue {
    var declaration: [String: JSONValue] = ["name": .string(tool.name), "description": .string(tool.summary)]
    // An object without properties is refused; a function without parameters is not.
    if let properties = tool.parameters.object?["properties"]?.object, !properties.isEmpty {
      declaration["parameters"] = accepted(tool.parameters)
    }
    return .object(declaration)
  }

  /// Gemini's Schema is a part of OpenAPI's and refuses what it does not know
  /// (https://ai.google.dev/api/caching#Schema).
  private static func accepted(_ schema: JSONValue) -> JSONValue {
    switch schema {
    case .object(let members):
      .object(members.filter { $0.key != "additionalProperties" && $0.key != "$schema" }.mapValues(accepted))
    case .array(let elements): .array(elements.map(accepted))
    default: schema
    }
  }
}
