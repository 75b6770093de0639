import NexyCore
import NexyVoice
import Testing

@testable import NexyProviders

@Suite struct GeminiRequestTests {
  private let png = InlineImageTests.base64(InlineImageTests.png)

  private func content(
    _ request: ModelRequest, _ options: GeminiModel.Options = GeminiModel.Options(key: "k"), instructions: String = ""
  ) throws -> JSONValue {
    let image = request.screenshot.flatMap(InlineImage.init)
    let content = GeminiRequest(options: options).content(of: request, image: image, instructions: instructions)
    return try json(content.jsonText())
  }

  @Test func `a bare prompt is one user's part`() throws {
    #expect(
      try content(modelRequest("Hi \"there\""))
        == json(#"{"contents": [{"role": "user", "parts": [{"text": "Hi \"there\""}]}]}"#))
  }

  @Test func `instructions, memory, image and limits have their places`() throws {
    let exchanges = [
      Exchange(prompt: "One?", answer: "1."), Exchange(prompt: "Unanswered?", answer: ""),
      Exchange(prompt: "Two?", answer: "2."),
    ]
    let options = GeminiModel.Options(key: "k", temperature: 0.4, maxTokens: 2048)
    #expect(
      try content(modelRequest("Three?", image: png, exchanges: exchanges), options, instructions: "Be brief.")
        == json(
          """
          {"systemInstruction": {"parts": [{"text": "Be brief."}]},
          "generationConfig": {"temperature": 0.4, "maxOutputTokens": 2048},
          "contents": [{"role": "user", "parts": [{"text": "One?"}]}, {"role": "model", "parts": [{"text": "1."}]},
          {"role": "user", "parts": [{"text": "Two?"}]}, {"role": "model", "parts": [{"text": "2."}]},
          {"role": "user", "parts": [{"inlineData": {"mimeType": "image/png", "data": "\(png)"}}, {"text": "Three?"}]}]}
          """))
  }

  @Test func `what is no image is not sent`() throws {
    #expect(try content(modelRequest(image: "no base64")) == content(modelRequest()))
  }

  struct Case: Sendable {
    var replyForm: ReplyForm
    var searches: Bool
    var hasCommands = true
    var functions: Bool
    var search: Bool
  }

  static let cases: [Case] = [
    Case(replyForm: .tools, searches: false, functions: true, search: false),
    Case(replyForm: .tools, searches: true, functions: true, search: false),
    Case(replyForm: .tools, searches: true, hasCommands: false, functions: false, search: true),
    Case(replyForm: .tools, searches: false, hasCommands: false, functions: false, search: false),
    Case(replyForm: .json, searches: true, functions: false, search: true),
    Case(replyForm: .json, searches: false, functions: false, search: false),
  ]

  @Test(arguments: cases) func `commands go before search`(_ example: Case) throws {
    let options = GeminiModel.Options(
      key: "k", replyForm: example.replyForm, searches: example.searches)
    let request = modelRequest(commands: example.hasCommands ? CommandSpecification.samples : [])
    var tools: [JSONValue] = []
    if example.functions { tools.append(["functionDeclarations": try json(CommandSpecification.samplesDeclared)]) }
    if example.search { tools.append(["google_search": [:]]) }
    #expect(try content(request, options).object?["tools"] == (tools.isEmpty ? nil : .array(tools)))
  }

  @Test(arguments: [
    ("gemini-2.5-flash", "https://host/v1/models/gemini-2.5-flash:streamGenerateContent?alt=sse"),
    ("models/gemini-2.5-flash", "https://host/v1/models/gemini-2.5-flash:streamGenerateContent?alt=sse"),
    ("tunedModels/mine", "https://host/v1/tunedModels/mine:streamGenerateContent?alt=sse"),
  ]) func `a model may be named with its collection`(_ model: String, _ url: String) {
    #expect(GeminiModel.url(of: GeminiModel.Options(model: model, baseURL: "https://host/v1", key: "k")) == url)
  }
}
