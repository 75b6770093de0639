import GRPCCore
import NexyCore
import NexyVoice
import NexyWire
import SwiftProtobuf
import Testing

@testable import NexyServer

@Suite("The wire's words become the room's, and back")
struct WireMappingTests {
  private static let session = "f47ac10b-58cc-4372-a567-0e02b2c3d479"

  @Test("a request becomes a call with all it holds")
  func call() {
    let request = Streaming_StreamRequest.with {
      $0.prompt = "Open Safari"
      $0.screenshot = "UklGRg=="
      $0.screenWidth = 1440
      $0.screenHeight = 900
      $0.hardwareID = "mac"
      $0.sessionID = Self.session
      $0.phase = .collect
      $0.chunkSeq = 3
      $0.chunkText = "Open"
    }
    let call = StreamCall(request, metadata: [:])
    #expect(call.prompt == "Open Safari")
    #expect(call.screenshot == "UklGRg==")
    #expect(call.screenWidth == 1440)
    #expect(call.screenHeight == 900)
    #expect(call.hardwareID == "mac")
    #expect(call.sessionID == Self.session)
    #expect(call.phase == .collect)
    #expect(call.chunkSequence == 3)
    #expect(call.chunkText == "Open")
    #expect(call.language == nil)
  }

  @Test("what a request leaves out is absent, not empty")
  func absent() {
    let call = StreamCall(Streaming_StreamRequest(), metadata: [:])
    #expect(call.screenshot == nil)
    #expect(call.screenWidth == nil)
    #expect(call.screenHeight == nil)
    #expect(call.chunkText == nil)
    #expect(call.phase == .unspecified)
  }

  private static let phases: [(wire: Streaming_RequestPhase, phase: StreamCall.Phase)] = [
    (.unspecified, .unspecified), (.collect, .collect), (.commit, .commit), (.UNRECOGNIZED(3), .unknown(3)),
    (.UNRECOGNIZED(-1), .unknown(-1)),
  ]

  @Test("a phase becomes the room's", arguments: phases)
  func phase(wire: Streaming_RequestPhase, phase: StreamCall.Phase) {
    #expect(StreamCall(.with { $0.phase = wire }, metadata: [:]).phase == phase)
  }

  private static let languages: [(header: String, language: Language?)] = [
    ("ru", .russian), ("ru-RU", .russian), ("en", .english), ("en-GB", .english), ("RU", .russian),
    ("ru-RU,ru;q=0.9,en;q=0.8", .russian), ("ru,en;q=0.5", .russian), ("en;q=0.9", .english), ("de", nil), ("*", nil),
  ]

  @Test("the accept-language metadata names the turn's language", arguments: languages)
  func language(header: String, language: Language?) throws {
    let request = Streaming_StreamRequest.commit("Hi", device: "mac", session: Self.session)
    let call = StreamCall(request, metadata: ["accept-language": "\(header)"])
    let intake = TurnIntake(buffer: CollectBuffer())
    #expect(try intake.request(call, for: intake.read(call).owner).language == language)
  }

  @Test("other metadata names no language")
  func otherMetadata() {
    #expect(StreamCall(Streaming_StreamRequest(), metadata: ["user-agent": "ru"]).language == nil)
  }

  @Test("an event becomes the item of its kind")
  func events() throws {
    #expect(try Streaming_StreamResponse.messages(of: .text("Hi")) == [.text("Hi")])
    #expect(try Streaming_StreamResponse.messages(of: .audio([AudioChunk(samples: [1, -1])])) == [.audio([1, -1])])
    #expect(try Streaming_StreamResponse.messages(of: .finished).map(\.endMessage.isEmpty) == [false])
  }

  @Test("a failure tells the client its message and no more")
  func failed() throws {
    let error = NexyError(.modelFailed, "Please try again.", detail: "internals")
    #expect(try Streaming_StreamResponse.messages(of: .failed(error)) == [.error("Please try again.")])
  }

  @Test("a welcome without a voice or a language asks for none")
  func welcome() {
    let request = Welcome.Request(Streaming_WelcomeRequest())
    #expect(request.voice == nil)
    #expect(request.language == nil)
  }

  @Test("a welcome keeps its text, voice and language")
  func fullWelcome() {
    let request = Welcome.Request(
      .with {
        $0.text = "Привет"
        $0.voice = "ru"
        $0.language = "ru-RU"
      })
    #expect(request.text == "Привет")
    #expect(request.voice == "ru")
    #expect(request.language == .russian)
  }

  private static let durations: [(duration: Duration?, seconds: Double)] = [(nil, 0), (.milliseconds(1500), 1.5)]

  @Test("a welcome's metadata has the engine and the seconds, 0 when they are not known", arguments: durations)
  func metadata(duration: Duration?, seconds: Double) {
    let response = Streaming_WelcomeResponse.messages(of: .metadata(engine: "tone", duration: duration))[0]
    #expect(response == .metadata(method: "tone", seconds: seconds))
  }

  @Test("usage keeps every field")
  func usage() {
    let request = Streaming_UsageRequest.with {
      $0.hardwareID = "mac"
      $0.sessionID = "s"
      $0.source = "client"
      $0.inputTokens = 12
      $0.outputTokens = 34
      $0.model = "m"
    }
    let entry = UsageEntry(
      hardwareID: "mac", sessionID: "s", source: "client", model: "m", inputTokens: 12, outputTokens: 34)
    #expect(UsageEntry(request) == entry)
  }
}
