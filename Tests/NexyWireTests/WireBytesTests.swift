import Foundation
import NexyCore
import NexyWire
import SwiftProtobuf
import Testing

/// Every byte here was written by hand from the protobuf encoding: a tag is the field's number times eight plus its
/// wire type (0 number, 1 eight bytes, 2 length and bytes), and fields stand in the order of their numbers.
@Suite("A message has the bytes that released clients read")
struct WireBytesTests {
  /// A field of bytes or text.
  private static func field(_ number: UInt8, _ bytes: some Collection<UInt8>) -> [UInt8] {
    [number << 3 | 2, UInt8(bytes.count)] + bytes
  }

  private static func field(_ number: UInt8, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }

  /// A field of a number below 128.
  private static func field(_ number: UInt8, _ value: UInt8) -> [UInt8] { [number << 3, value] }

  /// 48,000 in groups of seven bits, the lowest first.
  private static let rate: [UInt8] = [0x80, 0xF7, 0x02]
  private static let audio = field(1, [0x34, 0x12]) + field(2, "int16") + [4 << 3] + rate + field(5, 1)

  private static let session = "f47ac10b-58cc-4372-a567-0e02b2c3d479"

  private func expect<M: Message & Equatable>(_ message: M, _ bytes: [UInt8]) throws {
    let written: [UInt8] = try message.serializedBytes()
    #expect(written == bytes)
    #expect(try M(serializedBytes: bytes) == message)
  }

  @Test("StreamRequest")
  func streamRequest() throws {
    let request = Streaming_StreamRequest.with {
      $0.prompt = "Hi"
      $0.screenshot = ""
      $0.screenWidth = 0
      $0.screenHeight = 9
      $0.hardwareID = "mac"
      $0.sessionID = "s"
      $0.phase = .commit
      $0.chunkSeq = 3
      $0.chunkText = "H"
    }
    var bytes = Self.field(1, "Hi") + Self.field(2, "") + Self.field(3, 0) + Self.field(4, 9)
    bytes += Self.field(5, "mac") + Self.field(6, "s") + Self.field(7, 2) + Self.field(8, 3) + Self.field(9, "H")
    try expect(request, bytes)
  }

  @Test("StreamRequest of a whole prompt")
  func commit() throws {
    let bytes = Self.field(1, "Hi") + Self.field(5, "mac") + Self.field(6, Self.session) + Self.field(7, 2)
    try expect(Streaming_StreamRequest.commit("Hi", device: "mac", session: Self.session), bytes)
  }

  @Test("StreamRequest with nothing set")
  func emptyRequest() throws { try expect(Streaming_StreamRequest(), []) }

  @Test("StreamRequest with a phase that nobody knows keeps its number")
  func unknownPhase() throws {
    let request = try Streaming_StreamRequest(serializedBytes: Self.field(7, 9))
    #expect(request.phase == .UNRECOGNIZED(9))
  }

  @Test("StreamResponse of a text")
  func text() throws { try expect(Streaming_StreamResponse.text("Да"), Self.field(1, "Да")) }

  @Test("StreamResponse of audio")
  func audio() throws { try expect(Streaming_StreamResponse.audio([0x1234]), Self.field(2, Self.audio)) }

  @Test("StreamResponse of an end")
  func end() throws { try expect(Streaming_StreamResponse.end("COLLECT_ACCEPTED"), Self.field(3, "COLLECT_ACCEPTED")) }

  @Test("StreamResponse of an error")
  func error() throws { try expect(Streaming_StreamResponse.error("no"), Self.field(4, "no")) }

  @Test("StreamResponse of an action")
  func action() throws {
    let id = try #require(SessionID(Self.session))
    try expect(
      Streaming_StreamResponse.action(json: "{}", session: id),
      Self.field(5, Self.field(1, "{}") + Self.field(2, Self.session)))
  }

  @Test("StreamResponse of a browser's progress")
  func browserProgress() throws {
    let response = Streaming_StreamResponse.with {
      $0.browserProgress.type = .browserTaskCancelled
      $0.browserProgress.taskID = "t"
      $0.browserProgress.stepNumber = 2
      $0.browserProgress.timestamp = "now"
      $0.browserProgress.details.durationSec = 1
      $0.browserProgress.details.actions = ["a", "b"]
      $0.browserProgress.details.metadata = ["k": "v"]
    }
    let details =
      [1 << 3 | 1, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F] + Self.field(2, "a") + Self.field(2, "b")
      + Self.field(3, Self.field(1, "k") + Self.field(2, "v"))
    var progress = Self.field(1, 6) + Self.field(2, "t") + Self.field(3, 2)
    progress += Self.field(7, "now") + Self.field(9, details)
    try expect(response, Self.field(6, progress))
  }

  @Test("AudioChunk with a shape packs it")
  func shape() throws {
    try expect(Streaming_AudioChunk.with { $0.shape = [2, 1] }, Self.field(3, [2, 1]))
  }

  @Test("ActionMessage with a feature")
  func feature() throws { try expect(Streaming_ActionMessage.with { $0.featureID = "" }, Self.field(3, "")) }

  @Test("InterruptRequest and InterruptResponse")
  func interrupt() throws {
    try expect(Streaming_InterruptRequest.with { $0.hardwareID = "mac" }, Self.field(1, "mac"))
    let response = Streaming_InterruptResponse.with {
      $0.success = true
      $0.interruptedSessions = ["a", "b"]
      $0.message = "ok"
    }
    try expect(response, Self.field(1, 1) + Self.field(2, "a") + Self.field(2, "b") + Self.field(3, "ok"))
  }

  @Test("WelcomeRequest")
  func welcomeRequest() throws {
    let request = Streaming_WelcomeRequest.with {
      $0.text = "Hi"
      $0.sessionID = "s"
      $0.voice = "v"
      $0.language = "ru"
    }
    try expect(request, Self.field(1, "Hi") + Self.field(2, "s") + Self.field(3, "v") + Self.field(4, "ru"))
  }

  @Test("WelcomeResponse of audio, an end and an error")
  func welcomeResponse() throws {
    try expect(Streaming_WelcomeResponse.audio([0x1234]), Self.field(1, Self.audio))
    try expect(Streaming_WelcomeResponse.end("end"), Self.field(3, "end"))
    try expect(Streaming_WelcomeResponse.error("no"), Self.field(4, "no"))
  }

  @Test("WelcomeResponse of metadata")
  func metadata() throws {
    var bytes = Self.field(1, "tone") + [2 << 3 | 1, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F]
    bytes += [3 << 3] + Self.rate + Self.field(4, 1) + Self.field(5, "int16")
    try expect(Streaming_WelcomeResponse.metadata(method: "tone", seconds: 1.5), Self.field(2, bytes))
  }

  @Test("UsageRequest and UsageResponse")
  func usage() throws {
    let request = Streaming_UsageRequest.with {
      $0.hardwareID = "mac"
      $0.sessionID = "s"
      $0.source = "client"
      $0.inputTokens = 300
      $0.outputTokens = -1
      $0.model = "m"
    }
    // 300 in two groups of seven bits; a negative number takes ten bytes.
    let minusOne: [UInt8] = [UInt8](repeating: 0xFF, count: 9) + [0x01]
    var bytes = Self.field(1, "mac") + Self.field(2, "s") + Self.field(3, "client")
    bytes += [4 << 3, 0xAC, 0x02] + [5 << 3] + minusOne + Self.field(6, "m")
    try expect(request, bytes)
    let response = Streaming_UsageResponse.with {
      $0.success = true
      $0.message = "ok"
    }
    try expect(response, Self.field(1, 1) + Self.field(2, "ok"))
  }
}
