import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NexyCore
import NexyVoice

/// Speech of OpenAI, and of servers that copy its interface (Kokoro-FastAPI, openedai-speech, LocalAI).
///
/// The interface: https://platform.openai.com/docs/api-reference/audio/createSpeech; its samples are 24 kHz, 16 bits,
/// without a header: https://platform.openai.com/docs/guides/text-to-speech#supported-output-formats
package struct OpenAISynthesizer: SpeechSynthesizer {
  /// How the server is reached, and how it speaks.
  package struct Options: Sendable {
    /// Up to and with the version, such as `https://api.openai.com/v1`, without a slash at its end.
    package var baseURL: String
    /// Nil where the server wants none.
    package var key: String?
    package var model: String
    /// A name that the server knows; it speaks every language.
    package var voice: String
    /// The setting that the key comes from, for the remedy of a fault.
    package var keySetting: String

    package init(
      baseURL: String = "https://api.openai.com/v1", key: String? = nil, model: String = "gpt-4o-mini-tts",
      voice: String = "alloy", keySetting: String = "OPENAI_API_KEY"
    ) {
      self.baseURL = baseURL
      self.key = key
      self.model = model
      self.voice = voice
      self.keySetting = keySetting
    }
  }

  /// Characters of one request.
  static let longestInput = 4096
  /// OpenAI's own voices, which its copies know as well.
  private static let voices: Set<String> = [
    "alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin", "nova", "onyx", "sage", "shimmer", "verse",
  ]

  package let name = "openai"
  package let sampleRate = 24_000

  private let options: Options
  private let upstream: Upstream

  /// - Parameters:
  ///   - client: Shared with the other providers; see `HTTPClient.Configuration.upstream`.
  ///   - clock: Bounds the reading of error bodies.
  package init(options: Options, client: HTTPClient, clock: any Clock<Duration> = SharedClock()) {
    self.options = options
    let vendor = Upstream.Vendor(
      name: options.baseURL.hasPrefix("https://api.openai.com/") ? "OpenAI speech" : "The speech server",
      keySetting: options.keySetting, addressSetting: "OPENAI_SPEECH_BASE_URL",
      modelSetting: "OPENAI_SPEECH_MODEL and OPENAI_SPEECH_VOICE")
    upstream = Upstream(client: client, vendor: vendor, clock: clock)
  }

  package func chargedName(of utterance: Utterance) -> String { options.model }

  /// A text longer than one request may be is spoken piece after piece.
  ///
  /// - Throws: `ProviderFault`, `CancellationError`, or what `emit` threw.
  package func speak(_ utterance: Utterance, emit: @escaping @Sendable ([Int16]) async throws -> Void) async throws {
    let pieces = TextPieces.cut(utterance.text, limit: Self.longestInput)
    guard !pieces.isEmpty else { throw ProviderFault.nothingToSay }
    for piece in pieces {
      let request = request(saying: piece, voice: voice(for: utterance))
      let answer = try await upstream.open(request, explain: OpenAISpeechError(vendor: upstream.vendor).explanation)
      try await answer.emitSound(rate: sampleRate, vendor: upstream.vendor, emit: emit)
    }
  }

  /// The voice that was asked for, if it is one of OpenAI's and the server is set to one of them too.
  private func voice(for utterance: Utterance) -> String {
    guard let asked = utterance.voice?.lowercased(), Self.voices.contains(asked), Self.voices.contains(options.voice)
    else { return options.voice }
    return asked
  }

  private func request(saying text: String, voice: String) -> HTTPClientRequest {
    let members: [String: JSONValue] = [
      "model": .string(options.model), "voice": .string(voice), "input": .string(text), "response_format": "pcm",
    ]
    var request = HTTPClientRequest(url: "\(options.baseURL)/audio/speech")
    request.method = .POST
    request.headers = ["Content-Type": "application/json", "User-Agent": "Nexy/\(Nexy.version)"]
    if let key = options.key { request.headers.add(name: "Authorization", value: "Bearer \(key)") }
    request.body = .bytes(JSONValue.object(members).jsonText())
    return request
  }
}
