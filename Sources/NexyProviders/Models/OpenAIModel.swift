import AsyncHTTPClient
import NIOHTTP1
import NexyCore
import NexyVoice

/// Any server with OpenAI's stream of chat completions: OpenAI itself, Ollama, llama.cpp, vLLM, LM Studio
/// (https://platform.openai.com/docs/api-reference/chat/create, https://docs.ollama.com/openai,
/// https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html).
package struct OpenAIModel: LanguageModel {
  package struct Options: Sendable {
    package var model: String
    /// Without a slash at its end.
    package var baseURL: String
    /// Self-hosted servers need none.
    package var key: String?
    /// Nil leaves it to the model.
    package var temperature: Double?
    /// Tokens of one reply; nil leaves it to the model.
    package var maxTokens: Int?
    package var replyForm: ReplyForm

    package init(
      model: String, baseURL: String = "https://api.openai.com/v1", key: String? = nil, temperature: Double? = nil,
      maxTokens: Int? = nil, replyForm: ReplyForm = .tools
    ) {
      self.model = model
      self.baseURL = baseURL
      self.key = key
      self.temperature = temperature
      self.maxTokens = maxTokens
      self.replyForm = replyForm
    }

    /// Whether it is OpenAI's own service and not one that copies it.
    var isOpenAI: Bool { baseURL.lowercased().hasPrefix("https://api.openai.com/") }
  }

  package let name = "openai"
  package var chargedName: String { options.model }

  private let options: Options
  private let instructions: @Sendable (ModelRequest, ReplyForm) -> String
  private let upstream: Upstream
  private let clock: any Clock<Duration>

  /// - Parameter instructions: The system prompt of a request; an empty one is not sent.
  package init(
    client: HTTPClient, options: Options, clock: any Clock<Duration> = SharedClock(),
    instructions: @escaping @Sendable (ModelRequest, ReplyForm) -> String
  ) {
    let vendor = Upstream.Vendor(
      name: options.isOpenAI ? "OpenAI" : "The model server", keySetting: "OPENAI_API_KEY",
      addressSetting: "OPENAI_BASE_URL", modelSetting: "OPENAI_MODEL")
    upstream = Upstream(client: client, vendor: vendor, clock: clock)
    self.options = options
    self.instructions = instructions
    self.clock = clock
  }

  package func reply(
    to request: ModelRequest, emit: @escaping @Sendable (ModelDelta) async throws -> Void
  ) async throws {
    let faults = OpenAIFaults(vendor: upstream.vendor)
    let answer = try await upstream.open(httpRequest(for: request)) { status, headers, body in
      faults.fault(in: body, status: Int(status.code), headers)
    }
    try await EventStream(vendor: upstream.vendor, clock: clock).run(
      answer, as: OpenAIReply(model: options.model, faults: faults), emit: emit)
  }

  private func httpRequest(for request: ModelRequest) -> HTTPClientRequest {
    var request = request
    let image = request.screenshot.flatMap(InlineImage.init)
    // The instructions must not speak of a picture that is not sent.
    if image == nil { request.screenshot = nil }
    var message = HTTPClientRequest(url: "\(options.baseURL)/chat/completions")
    message.method = .POST
    message.headers = ["content-type": "application/json", "accept": "text/event-stream"]
    if let key = options.key { message.headers.add(name: "authorization", value: "Bearer \(key)") }
    let content = OpenAIRequest(options: options).content(
      of: request, image: image, instructions: instructions(request, options.replyForm))
    message.body = .bytes(content.jsonText(capacity: (image?.base64.utf8.count ?? 0) + 16 * 1024))
    return message
  }
}
