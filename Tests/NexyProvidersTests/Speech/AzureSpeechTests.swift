import NIOCore
import NIOHTTP1
import NexyCore
import NexyTestSupport
import NexyVoice
import Synchronization
import Testing

@testable import NexyProviders

@Suite struct AzureSynthesizerTests {
  private typealias Reply = SpeechUpstream.Reply

  @Test func `the request is as the documentation describes it`() async throws {
    try await SpeechStaging.run(
      Reply(pieces: [[1, 0]]),
      engine: { address, client in
        AzureSynthesizer(
          options: .init(
            key: "0123", region: "westeurope", baseURL: address + "/tts", style: "friendly",
            prosody: AzureProsody(rate: "+10%", volume: "loud")), client: client)
      }
    ) { server, _, engine in
      #expect(engine.name == "azure")
      #expect(engine.sampleRate == 48_000)
      try await engine.speak(Utterance(text: "Hi <there>", language: .english)) { _ in }
      let call = try #require(server.requests.first)
      #expect(call.method == .POST)
      #expect(call.uri == "/tts/cognitiveservices/v1")
      #expect(call.headers["Ocp-Apim-Subscription-Key"] == ["0123"])
      #expect(call.headers["Content-Type"] == ["application/ssml+xml"])
      #expect(call.headers["X-Microsoft-OutputFormat"] == ["raw-48khz-16bit-mono-pcm"])
      #expect(call.headers["User-Agent"] == ["Nexy/\(Nexy.version)"])
      #expect(
        String(buffer: call.body) == """
          <speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" \
          xmlns:mstts="https://www.w3.org/2001/mstts" xml:lang="en-US"><voice name="en-US-AriaNeural">\
          <mstts:express-as style="friendly"><prosody rate="+10%" volume="loud">Hi &lt;there&gt;</prosody>\
          </mstts:express-as></voice></speak>
          """)
    }
  }

  @Test func `no piece is longer than a tenth of a second, and the first is not held back`() async throws {
    let sound = (0..<20_000).map { Int16($0) }
    let reply = Reply(pieces: [
      SpeechStaging.littleEndian(Array(sound[..<7])), SpeechStaging.littleEndian(Array(sound[7...])),
    ])
    try await SpeechStaging.run(reply, engine: SpeechStaging.azure) { _, _, engine in
      let counts = Mutex<[Int]>([])
      try await engine.speak(Utterance(text: "Hi", language: .english)) { piece in
        counts.withLock { $0.append(piece.count) }
      }
      let pieces = counts.withLock { $0 }
      #expect(pieces.allSatisfy { $0 <= 4800 })
      #expect(pieces.reduce(0, +) == 20_000)
    }
  }

  @Test(arguments: [
    (401, ["AZURE_SPEECH_KEY", "AZURE_SPEECH_REGION"]),
    (403, ["AZURE_SPEECH_KEY", "AZURE_SPEECH_REGION"]), (400, ["AZURE_SPEECH_STYLE", "voices"]),
    (404, ["AZURE_SPEECH_BASE_URL"]), (429, ["quota"]),
  ])
  func `a fault names what to correct, and neither the key nor the text`(
    _ status: Int, _ words: [String]
  ) async throws {
    let reply = Reply(status: status, headers: ["retry-after": "7"], pieces: [Array("the key 0123456789abcdef".utf8)])
    try await SpeechStaging.run(reply, engine: SpeechStaging.azure) { _, _, engine in
      let fault = await #expect(throws: ProviderFault.self) {
        try await engine.speak(Utterance(text: "My secret words", language: .english)) { _ in }
      }
      let remedy = fault?.remedy ?? ""
      #expect(words.allSatisfy(remedy.contains), "\(remedy)")
      #expect(!remedy.contains("0123456789abcdef") && !remedy.contains("secret"))
      #expect(fault?.retryAfter == (status == 429 ? .seconds(7) : nil))
    }
  }

  @Test func `a region that cannot be reached is named`() async throws {
    try await SpeechStaging.run(
      Reply(isDead: true),
      // Whatever stands for the region is the beginning of the address; port 1 answers nobody.
      engine: { _, client in AzureSynthesizer(options: .init(key: "0123", region: "127.0.0.1:1/"), client: client) }
    ) { _, _, engine in
      let fault = await #expect(throws: ProviderFault.self) {
        try await engine.speak(Utterance(text: "Hi", language: .english)) { _ in }
      }
      #expect(fault?.kind == .unreachable)
      #expect(fault?.remedy.contains("AZURE_SPEECH_REGION") == true)
    }
  }

  @Test func `a text without anything to say asks nobody`() async throws {
    try await SpeechStaging.run(Reply(isDead: true), engine: SpeechStaging.azure) { server, _, engine in
      let fault = await #expect(throws: ProviderFault.self) {
        try await engine.speak(Utterance(text: " \n", language: .english)) { _ in }
      }
      #expect(fault?.kind == .requestRefused)
      #expect(server.requests.isEmpty)
    }
  }

  @Test(arguments: [
    ("westeurope", true), ("eastus2", true), ("West Europe", false), ("", false), ("a.example/", false),
    ("Eastus", false),
  ])
  func `a region is an identifier`(_ text: String, _ isRegion: Bool) {
    #expect(AzureSynthesizer.isRegion(text) == isRegion)
  }
}

@Suite struct AzureVoiceTests {
  @Test(
    arguments: [
      ("en-US-AriaNeural", "en-US"), ("ru-RU-SvetlanaNeural", "ru-RU"), ("en-US-AvaMultilingualNeural", "en-US"),
      ("zh-CN-shandong-YunxiangNeural", nil), ("fil-PH-AngeloNeural", "fil-PH"),
      ("en-US-Ava:DragonHDLatestNeural", "en-US"), ("ru-RU-Masha:MAI-Voice-2", "ru-RU"), ("en-US-Aria", nil),
      ("en-us-AriaNeural", nil), ("en-gb", nil), ("alloy", nil), ("", nil), ("en-US-\"/><x>Neural", nil),
      ("en-US-Ария Neural", nil), ("en-US-" + String(repeating: "A", count: 99) + "Neural", nil),
    ] as [(String, String?)])
  func `a name tells its locale`(_ name: String, _ locale: String?) {
    #expect(AzureVoice(name)?.locale == locale)
  }

  @Test(
    arguments: [
      (nil, Language.english, "en-GB-SoniaNeural"), (nil, .russian, "ru-RU-SvetlanaNeural"),
      ("en-US-JennyNeural", .english, "en-US-JennyNeural"), ("en-US-JennyNeural", .russian, "ru-RU-SvetlanaNeural"),
      ("ru-RU-DmitryNeural", .russian, "ru-RU-DmitryNeural"), ("en-us+f3", .english, "en-GB-SoniaNeural"),
      ("alloy", .english, "en-GB-SoniaNeural"), ("de-DE-KatjaNeural", .english, "en-GB-SoniaNeural"),
    ] as [(String?, Language, String)])
  func `the voice that is asked for is taken if it is Azure's and speaks the language`(
    _ asked: String?, _ language: Language, _ name: String
  ) throws {
    let voices = [Language.english: try #require(AzureVoice("en-GB-SoniaNeural"))]
    let utterance = Utterance(text: "x", language: language, voice: asked)
    #expect(AzureVoice.choose(for: utterance, among: voices).name == name)
  }

  @Test func `a standard voice speaks its language and is formed like a name`() {
    for language in Language.allCases {
      let voice = AzureVoice.standard(for: language)
      #expect(voice.language == language)
      #expect(AzureVoice(voice.name) == voice)
    }
  }

  @Test(arguments: [
    ("en-US-AriaNeural", "friendly", true), ("en-US-AriaNeural", "", false), ("en-US-AriaNeural", "newscast", false),
    ("en-US-JennyNeural", "assistant", true), ("ru-RU-SvetlanaNeural", "friendly", false),
    ("ru-RU-Masha:MAI-Voice-2", "curious", true), ("en-XX-NobodyNeural", "friendly", false),
  ])
  func `a style is sent to a voice that has it`(_ name: String, _ style: String, _ isSent: Bool) throws {
    let voice = try #require(AzureVoice(name))
    let document = SSML(voice: voice, style: style).document(saying: "x")
    #expect(document.contains("<mstts:express-as style=\"\(style)\">") == isSent)
    #expect(document.contains("express-as") == isSent)
    #expect(AzureStyle.styles(of: voice).contains(style) == isSent)
  }
}

@Suite struct SSMLTests {
  @Test func `what XML forbids is left out, and all else arrives`() throws {
    let voice = AzureVoice.standard(for: .russian)
    let text = "a\u{0}b\u{B}c\u{1B}d\u{FFFE}e\u{FFFF}f\tg\nh\u{85}i\u{10FFFF}j\u{7F} &#0; 'k'"
    let document = SSML(voice: voice).document(saying: text)
    #expect(try SpeechStaging.textOfXML(document) == "abcdef\tg\nh\u{85}i\u{10FFFF}j\u{7F} &#0; 'k'")
    #expect(document.contains("xml:lang=\"ru-RU\""))
    #expect(!document.contains("prosody"))
  }

  @Test func `all five are escaped`() {
    #expect(SSML.escaped("&<>\"'") == "&amp;&lt;&gt;&quot;&apos;")
  }

  @Test(arguments: [
    (AzureProsody.Attribute.rate, ["", "1", "0.5", "2", "+10%", "-50%", "100%", "+30.00%", "fast", "default"]),
    (.pitch, ["", "+50%", "-50%", "0%", "-2st", "+12st", "+80Hz", "-600Hz", "+0Hz", "600Hz", "x-low"]),
    (.volume, ["", "75", "100.0", "+10", "-5.5", "+3%", "50%", "x-loud", "soft"]),
  ])
  func `a value that Azure takes is allowed`(_ attribute: AzureProsody.Attribute, _ values: [String]) {
    for value in values { #expect(AzureProsody.check(value, of: attribute) == nil, "\(value)") }
  }

  @Test(arguments: [
    (
      AzureProsody.Attribute.rate,
      [" ", "0.4", "2.1", "-51%", "101%", "+1", "loud", "1x", "++1%", "1e1", "inf", "%", "+", ".5", "5.", "٣", "1.2.3"]
    ),
    (
      .pitch, ["51%", "2st", "-13st", "19Hz", "601Hz", "+80 Hz", "80hz", "1", "high ", "0x1Hz", "\" onload=\"", "slow"]
    ),
    (.volume, ["0", "101", "silent", "-100%", "101%", "+100", "75dB", "fast", "0.0000001"]),
  ])
  func `another is answered with what is allowed`(_ attribute: AzureProsody.Attribute, _ values: [String]) {
    for value in values {
      let allowed = AzureProsody.check(value, of: attribute)
      #expect(allowed?.contains("or default") == true, "\(value)")
    }
  }
}
