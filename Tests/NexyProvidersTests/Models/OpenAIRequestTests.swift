import NexyCore
import NexyVoice
import Testing

@testable import NexyProviders

@Suite struct OpenAIRequestTests {
  private static let own = "http://127.0.0.1:11434/v1"
  private let png = InlineImageTests.base64(InlineImageTests.png)

  private func content(
    _ request: ModelRequest, _ options: OpenAIModel.Options = OpenAIModel.Options(model: "m", baseURL: own),
    instructions: String = ""
  ) throws -> JSONValue {
    let image = request.screenshot.flatMap(InlineImage.init)
    let content = OpenAIRequest(options: options).content(of: request, image: image, instructions: instructions)
    return try json(content.jsonText())
  }

  @Test func `a bare prompt is one user's message`() throws {
    #expect(
      try content(modelRequest("Hi \"there\""))
        == json(
          #"""
          {"model": "m", "stream": true, "stream_options": {"include_usage": true},
          "messages": [{"role": "user", "content": "Hi \"there\""}]}
          """#))
  }

  @Test func `instructions, memory, image and limits have their places`() throws {
    let exchanges = [
      Exchange(prompt: "One?", answer: "1."), Exchange(prompt: "Unanswered?", answer: ""),
      Exchange(prompt: "Two?", answer: "2."),
    ]
    let options = OpenAIModel.Options(model: "m", baseURL: Self.own, temperature: 0.4, maxTokens: 2048)
    #expect(
      try content(modelRequest("Three?", image: png, exchanges: exchanges), options, instructions: "Be brief.")
        == json(
          """
          {"model": "m", "stream": true, "stream_options": {"include_usage": true}, "temperature": 0.4,
          "max_tokens": 2048, "messages": [{"role": "system", "content": "Be brief."},
          {"role": "user", "content": "One?"}, {"role": "assistant", "content": "1."},
          {"role": "user", "content": "Two?"}, {"role": "assistant", "content": "2."},
          {"role": "user", "content": [{"type": "text", "text": "Three?"},
          {"type": "image_url", "image_url": {"url": "data:image/png;base64,\(png)"}}]}]}
          """))
  }

  @Test func `what is no image is not sent`() throws {
    #expect(try content(modelRequest(image: "no base64")) == content(modelRequest()))
  }

  struct Case: Sendable {
    var baseURL: String
    var model: String
    var limit: String
    var temperature: JSONValue?
  }

  static let cases: [Case] = [
    Case(baseURL: own, model: "gpt-5", limit: "max_tokens", temperature: .number(0.4)),
    Case(
      baseURL: "https://api.openai.com/v1", model: "gpt-4o-mini", limit: "max_completion_tokens",
      temperature: .number(0.4)),
    Case(baseURL: "https://api.openai.com/v1", model: "gpt-5-mini", limit: "max_completion_tokens"),
    Case(baseURL: "https://API.openai.com/v1", model: "o3", limit: "max_completion_tokens"),
    Case(baseURL: "https://api.openai.com.example.org/v1", model: "o3", limit: "max_tokens", temperature: .number(0.4)),
  ]

  @Test(arguments: cases) func `each server gets the limit that it knows`(_ example: Case) throws {
    let options = OpenAIModel.Options(
      model: example.model, baseURL: example.baseURL, temperature: 0.4, maxTokens: 100)
    let members = try #require(try content(modelRequest(), options).object)
    #expect(members[example.limit] == 100)
    #expect(members.keys.count { $0.hasPrefix("max_") } == 1)
    #expect(members["temperature"] == example.temperature)
  }

  @Test func `commands are declared as tools, and not for a reply in JSON`() throws {
    let request = modelRequest(commands: CommandSpecification.samples)
    let declared = try #require(try json(CommandSpecification.samplesDeclared).array)
    let tools = declared.map { JSONValue.object(["type": "function", "function": $0]) }
    #expect(try content(request).object?["tools"] == .array(tools))
    #expect(try content(modelRequest()).object?["tools"] == nil)
    let options = OpenAIModel.Options(model: "m", replyForm: .json)
    #expect(try content(request, options).object?["tools"] == nil)
  }
}
