import AsyncHTTPClient
import Foundation
import NIOCore
import NexyCore
import NexyTestSupport
import NexyVoice

@testable import NexyProviders

#if canImport(FoundationXML)
import FoundationXML
#endif

/// How the tests of speech over HTTP reach an engine: with a server of its own behind it.
enum SpeechStaging {
  typealias Reply = SpeechUpstream.Reply

  /// Runs `body` with an engine and a server behind it that gives this answer.
  static func run<Engine: SpeechSynthesizer>(
    _ reply: Reply, engine: @escaping @Sendable (_ address: String, HTTPClient) -> Engine,
    _ body: @escaping @Sendable (FakeUpstream, SpeechUpstream, Engine) async throws -> Void
  ) async throws {
    let speech = SpeechUpstream()
    try await FakeUpstream.serve { _, answer in
      try await speech.answer(reply, answer)
    } _: { server, client in
      try await body(server, speech, engine(server.url, client))
    }
  }

  @Sendable static func azure(_ address: String, _ client: HTTPClient) -> AzureSynthesizer {
    AzureSynthesizer(options: .init(key: "0123456789abcdef", region: "nowhere", baseURL: address), client: client)
  }

  @Sendable static func openAI(_ address: String, _ client: HTTPClient) -> OpenAISynthesizer {
    OpenAISynthesizer(options: .init(baseURL: address + "/v1", key: "sk-0123456789"), client: client)
  }

  /// The suite for an engine over HTTP.
  ///
  /// - Parameters:
  ///   - wire: What sound looks like in the server's bytes.
  ///   - text: The text to say, out of the body of a request.
  static func behaviour(
    wire: @escaping @Sendable ([Int16]) -> [UInt8] = littleEndian, contentType: String = "audio/pcm",
    text: @escaping @Sendable (String) throws -> String,
    engine: @escaping @Sendable (_ address: String, HTTPClient) -> some SpeechSynthesizer
  ) -> SpeechEngineBehaviour {
    SpeechEngineBehaviour(
      wire: wire, faults: faults.map { ($0.key, $0.value.kind.rawValue) },
      nameOf: { ($0 as? ProviderFault)?.kind.rawValue }
    ) { answer, body in
      try await run(reply(answer, contentType: contentType), engine: engine) { server, speech, engine in
        try await body(
          SpeechEngineBehaviour.Stage(
            engine: engine,
            heardText: {
              try await speech.called.wait()
              return try server.requests.map { try text(String(buffer: $0.body)) }.joined(separator: "|")
            }, sentBytes: { speech.sentBytes }, ended: { try await speech.closed.wait() }))
      }
    }
  }

  private static func reply(_ answer: SpeechEngineBehaviour.Answer, contentType: String) -> Reply {
    let headers = ["content-type": contentType]
    return switch answer {
    case .whole(let pieces): Reply(headers: headers, pieces: pieces)
    case .standing(let bytes): Reply(headers: headers, pieces: [bytes], end: .standing)
    case .endless(let bytes): Reply(headers: headers, pieces: [bytes], end: .endless)
    case .failing(let name): faults[name]?.reply ?? Reply(isDead: true)
    }
  }

  /// The faults that every engine over HTTP tells apart, and their kinds.
  static let faults: [String: (reply: Reply, kind: ProviderFault.Kind)] = [
    "400": (Reply(status: 400), .requestRefused),
    "401": (Reply(status: 401), .keyInvalid),
    "403": (Reply(status: 403), .keyInvalid),
    "404": (Reply(status: 404), .modelNotFound),
    "415": (Reply(status: 415), .requestRefused),
    "429": (Reply(status: 429), .quota),
    "500": (Reply(status: 500), .failing),
    "502": (Reply(status: 502), .failing),
    "503": (Reply(status: 503), .overloaded),
    "redirect": (Reply(status: 302, headers: ["location": "http://127.0.0.1:1/"]), .redirected),
    "page": (Reply(headers: ["content-type": "text/html; charset=utf-8"], pieces: [[60, 112, 62]]), .malformed),
    "JSON": (Reply(headers: ["content-type": "application/json"], pieces: [Array("{}".utf8)]), .malformed),
    "unlabelled JSON": (Reply(headers: [:], pieces: [Array("{\"error\": {}}".utf8)]), .malformed),
    "MP3": (Reply(headers: ["content-type": "audio/mpeg"], pieces: [[0xFF, 0xFB, 0x90, 0x64]]), .malformed),
    "unlabelled MP3": (Reply(headers: [:], pieces: [Array("ID3".utf8) + [4, 0, 0]]), .malformed),
    "another rate": (Reply(headers: ["content-type": "audio/pcm;rate=7"], pieces: [[0, 1]]), .malformed),
    "half a sample": (Reply(pieces: [[7]]), .cutOff),
    "half a header": (Reply(pieces: [Array("RIFF1234WAVEfmt ".utf8)]), .cutOff),
    "cut": (Reply(pieces: [[1, 0, 2, 0]], end: .cut), .cutOff),
    "dead": (Reply(isDead: true), .unreachable),
  ]

  @Sendable static func littleEndian(_ samples: [Int16]) -> [UInt8] {
    samples.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
  }

  /// A WAV file as LocalAI sends one whatever it is asked for.
  @Sendable static func wavFile(_ samples: [Int16]) -> [UInt8] { wavHeader(rate: 24_000) + littleEndian(samples) }

  static func wavHeader(rate: Int, channels: UInt8 = 1, bits: UInt8 = 16, length: Int = 0xFFFF_FFFF) -> [UInt8] {
    func number(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    let format = [1, 0, channels, 0] + number(rate) + number(rate * 2) + [2, 0, bits, 0]
    return Array("RIFF".utf8) + number(0xFFFF_FFFF) + Array("WAVE".utf8)
      + Array("LIST".utf8) + number(3) + [1, 2, 3, 0]
      + Array("fmt ".utf8) + number(16) + format + Array("data".utf8) + number(length)
  }

  /// The text that a reader of XML finds in a document.
  @Sendable static func textOfXML(_ document: String) throws -> String {
    let reader = XMLText()
    let parser = XMLParser(data: Data(document.utf8))
    parser.delegate = reader
    guard parser.parse() else { throw ProviderFault(.malformed, "no XML: \(document)") }
    return reader.text
  }

  @Sendable static func inputOfJSON(_ body: String) throws -> String {
    try JSONDecoder().decode(JSONValue.self, from: Data(body.utf8)).object?["input"]?.string ?? ""
  }
}

private final class XMLText: NSObject, XMLParserDelegate {
  var text = ""
  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
}
