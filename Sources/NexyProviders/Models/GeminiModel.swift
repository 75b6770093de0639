import AsyncHTTPClient
import NIOHTTP1
import NexyCore
import NexyVoice

/// Gemini over its REST interface, streamed as server-sent events
/// (https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent).
package struct GeminiModel: LanguageModel {
  package struct Options: Sendable {
    package var model: String
    /// Without a slash at its end.
    package var baseURL: String
    package var key: String
    /// The setting that the key comes from, for the remedy of a fault.
    package var keySetting: String
    /// Nil leaves it to the model.
    package var temperature: Double?
    /// Tokens of one reply; nil leaves it to the model.
    package var maxTokens: Int?
    package var replyForm: ReplyForm
    /// Whether the model may look things up with Google Search.
    package var searches: Bool

    package init(
      model: String = "gemini-flash-lite-latest",
      baseURL: String = "https://generativelanguage.googleapis.com/v1beta", key: String,
      keySetting: String = "GEMINI_API_KEY", temperature: Double? = nil, maxTokens: Int? = nil,
      replyForm: ReplyForm = .tools, searches: Bool = false
    ) {
      self.model = model
      self.baseURL = baseURL
      self.key = key
      self.keySetting = keySetting
      self.temperature = temperature
      self.maxTokens = maxTokens
      self.replyForm = replyForm
      self.searches = searches
    }
  }

  package let name = "gemini"
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
      name: "Gemini", keySetting: options.keySetting, addressSetting: "GEMINI_BASE_URL",
      modelSetting: "GEMINI_PRIMARY_MODEL")
    upstream = Upstream(client: client, vendor: vendor, clock: clock)
    self.options = options
    self.instructions = instructions
    self.clock = clock
  }

  package func reply(
    to request: ModelRequest, emit: @escaping @Sendable (ModelDelta) async throws -> Void
  ) async throws {
    let faults = GeminiFaults(vendor: upstream.vendor)
    let answer = try await upstream.open(httpRequest(for: request)) { status, headers, body in
      faults.fault(in: body, status: Int(status.code), headers)
    }
    try await EventStream(vendor: upstream.vendor, clock: clock).run(
      answer, as: GeminiReply(model: options.model, faults: faults), emit: emit)
  }

  private func httpRequest(for request: ModelRequest) -> HTTPClientRequest {
    var request = request
    let image = request.screenshot.flatMap(InlineImage.init)
    // The instructions must not speak of a picture that is not sent.
    if image == nil { request.screenshot = nil }
    var message = HTTPClientRequest(url: Self.url(of: options))
    message.method = .POST
    message.headers = [
      "content-type": "application/json", "accept": "text/event-stream", "x-goog-api-key": options.key,
    ]
    let content = GeminiRequest(options: options).content(
      of: request, image: image, instructions: instructions(request, options.replyForm))
    message.body = .bytes(content.jsonText(capacity: (image?.base64.utf8.count ?? 0) + 16 * 1024))
    return message
  }

  /// A model may be named with its collection, such as `tunedModels/mine`.
  static func url(of options: Options) -> String {
    let path = options.model.contains("/") ? options.model : "models/\(options.model)"
    return "\(options.baseURL)/\(path):streamGenerateContent?alt=sse"
  }
}
