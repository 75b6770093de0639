import Foundation
import NIOCore
import NIOHTTP1
import NexyCore
import NexyTestSupport
import NexyVoice
import Synchronization
import Testing

@testable import NexyProviders

@Suite struct OpenAISynthesizerTests {
  private typealias Reply = SpeechUpstream.Reply
  private static let sound = Reply(pieces: [[1, 0, 2, 0]])

  private func call(
    _ options: OpenAISynthesizer.Options, _ utterance: Utterance
  ) async throws -> (headers: HTTPHeaders, uri: String, body: JSONValue) {
    let requests = Mutex<[FakeUpstream.Request]>([])
    try await SpeechStaging.run(
      Self.sound,
      engine: { address, client in
        var options = options
        options.baseURL = address + options.baseURL
        return OpenAISynthesizer(options: options, client: client)
      }
    ) { server, _, engine in
      try await engine.speak(utterance) { _ in }
      requests.withLock { $0 = server.requests }
    }
    let request = try #require(requests.withLock { $0.first })
    let body = try JSONDecoder().decode(JSONValue.self, from: Data(request.body.readableBytesView))
    return (request.headers, request.uri, body)
  }

  @Test func `the request is as the documentation describes it`() async throws {
    let options = OpenAISynthesizer.Options(
      baseURL: "/v1", key: "sk-1", model: "m", voice: "nova")
    let call = try await call(options, Utterance(text: "Hi \"there\"", language: .english))
    #expect(call.uri == "/v1/audio/speech")
    #expect(call.headers["Authorization"] == ["Bearer sk-1"])
    #expect(call.headers["Content-Type"] == ["application/json"])
    #expect(
      call.body == [
        "model": "m", "voice": "nova", "input": "Hi \"there\"", "response_format": "pcm",
      ])
  }

  @Test func `what is not set is not sent`() async throws {
    let call = try await call(.init(baseURL: "/v1"), Utterance(text: "Hi", language: .english))
    #expect(call.headers["Authorization"].isEmpty)
    #expect(Set(call.body.object?.keys.map(\.self) ?? []) == ["model", "voice", "input", "response_format"])
  }

  @Test(
    arguments: [
      (nil, "alloy", "alloy"), ("Nova", "alloy", "nova"), ("en-US-JennyNeural", "alloy", "alloy"),
      ("nova", "af_bella", "af_bella"), ("af_sky", "af_bella", "af_bella"),
    ] as [(String?, String, String)])
  func `the voice that is asked for is taken among OpenAI's own`(
    _ asked: String?, _ setting: String, _ sent: String
  ) async throws {
    let call = try await call(
      .init(baseURL: "/v1", voice: setting), Utterance(text: "Hi", language: .english, voice: asked))
    #expect(call.body.object?["voice"] == .string(sent))
  }

  @Test func `a long text is spoken piece after piece`() async throws {
    let text = String(repeating: "Это предложение. ", count: 600)
    try await SpeechStaging.run(Self.sound, engine: SpeechStaging.openAI) { server, _, engine in
      let heard = Counter()
      try await engine.speak(Utterance(text: text, language: .russian)) { samples in
        #expect(samples == [1, 2])
        heard.add()
      }
      let inputs = try server.requests.map { try SpeechStaging.inputOfJSON(String(buffer: $0.body)) }
      #expect(heard.value == 3)
      #expect(inputs.allSatisfy { $0.unicodeScalars.count <= 4096 && $0.hasSuffix("предложение.") })
      #expect(inputs.joined(separator: " ") + " " == text)
    }
  }

  @Test(arguments: [
    (401, #"{"error":{"message":"sk-12","code":"invalid_api_key"}}"#, ProviderFault.Kind.keyInvalid, "OPENAI_API_KEY"),
    (429, #"{"error":{"code":"insufficient_quota","type":"insufficient_quota"}}"#, .quota, "credit"),
    (429, #"{"error":{"code":"rate_limit_exceeded"}}"#, .quota, "wait"),
    (404, #"{"error":{"code":"model_not_found"}}"#, .modelNotFound, "OPENAI_SPEECH_MODEL"),
    (400, #"{"error":{"param":"model","code":null}}"#, .modelNotFound, "OPENAI_SPEECH_MODEL"),
    (400, #"{"error":{"param":"voice","type":"invalid_request_error"}}"#, .requestRefused, "OPENAI_SPEECH_VOICE"),
    (400, #"{"detail":{"error":"invalid_model","type":"invalid_request_error"}}"#, .modelNotFound, "SPEECH_MODEL"),
    (400, #"{"detail":{"error":"validation_error"}}"#, .requestRefused, "OPENAI_SPEECH_VOICE"),
    (400, #"{"error":{"code":"content_policy_violation"}}"#, .blocked, "safety"),
    (400, #"{"error":"text"}"#, .requestRefused, "OPENAI_SPEECH_MODEL"),
    (422, #"{"detail":[{"loc":["body","voice"]}]}"#, .requestRefused, "OPENAI_SPEECH_VOICE"),
    (500, #"{"error":{"code":"invalid_api_key"}}"#, .failing, "speech server"),
    (404, "<html>", .modelNotFound, "OPENAI_SPEECH_BASE_URL"),
  ])
  func `an error body says what to correct, and neither the key nor the text`(
    _ status: Int, _ body: String, _ kind: ProviderFault.Kind, _ word: String
  ) async throws {
    let reply = Reply(status: status, headers: ["retry-after": "9"], pieces: [Array(body.utf8)])
    try await SpeechStaging.run(reply, engine: SpeechStaging.openAI) { _, _, engine in
      let fault = await #expect(throws: ProviderFault.self) {
        try await engine.speak(Utterance(text: "My secret words", language: .english)) { _ in }
      }
      #expect(fault?.kind == kind)
      let remedy = fault?.remedy ?? ""
      #expect(remedy.contains(word), "\(remedy)")
      #expect(!remedy.contains("secret") && !remedy.contains("sk-"))
      if kind == .quota { #expect(fault?.retryAfter == .seconds(9)) }
    }
  }

  @Test func `another rate in the content type is changed to the engine's`() async throws {
    let reply = Reply(
      headers: ["content-type": "audio/pcm;rate=22050"],
      pieces: [SpeechStaging.littleEndian([Int16](repeating: 500, count: 2205))])
    try await SpeechStaging.run(reply, engine: SpeechStaging.openAI) { _, _, engine in
      let heard = Mutex<[Int16]>([])
      try await engine.speak(Utterance(text: "Hi", language: .english)) { samples in heard.withLock { $0 += samples } }
      let samples = heard.withLock { $0 }
      #expect(samples.count == 2400)
      #expect(samples[1200] == 500)
    }
  }
}

@Suite struct TextPiecesTests {
  @Test(
    arguments: [
      ("", 5, []), (" \n ", 2, []), ("abcde", 5, ["abcde"]), ("abcdef", 5, ["abcde", "f"]),
      ("One. Two three", 10, ["One.", "Two three"]), ("One two three", 9, ["One two", "three"]),
      ("One.Two three", 9, ["One.Two", "three"]), ("Да! Нет? Хм… Вот", 9, ["Да! Нет?", "Хм… Вот"]),
      ("一。二。三", 3, ["一。", "二。三"]), ("e\u{301}e\u{301}e\u{301}", 3, ["e\u{301}", "e\u{301}", "e\u{301}"]),
      ("  a b", 3, ["a", "b"]), ("👩‍👩‍👧‍👦", 3, ["👩‍👩", "\u{200D}", "👧‍👦"]),
    ] as [(String, Int, [String])])
  func `a text is cut where a listener hears it least`(_ text: String, _ limit: Int, _ pieces: [String]) {
    #expect(TextPieces.cut(text, limit: limit) == pieces)
  }

  @Test(arguments: 1...40) func `nothing but white space is lost`(_ limit: Int) {
    let text = "Tom & Jerry went. Куда? Не знаю… 👩‍👩‍👧‍👦 e\u{301}e\u{301} 中文。日本語 a  b\n\nc."
    let pieces = TextPieces.cut(text, limit: limit)
    #expect(pieces.allSatisfy { $0.unicodeScalars.count <= limit })
    let words = { (text: String) in Array(text.unicodeScalars.filter { !$0.properties.isWhitespace }) }
    #expect(words(pieces.joined()) == words(text))
  }
}
