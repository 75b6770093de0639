import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NexyCore
import NexyVoice

/// Azure Speech over its REST interface: SSML goes up, bare 48 kHz samples come down while they are made.
///
/// The interface: https://learn.microsoft.com/azure/ai-services/speech-service/rest-text-to-speech
package struct AzureSynthesizer: SpeechSynthesizer {
  /// How Azure Speech is reached, and how it speaks.
  package struct Options: Sendable {
    /// The resource's key.
    package var key: String
    /// The resource's region, such as `westeurope`.
    package var region: String
    /// What takes the place of the region's own address, such as a private endpoint; nil for none.
    package var baseURL: String?
    /// The voice of each language; `AzureVoice.standard` where none is given.
    package var voices: [Language: AzureVoice]
    /// A speaking style for the voices that have it; empty for none.
    package var style: String
    /// Rate, pitch and volume; see `AzureProsody.check`.
    package var prosody: AzureProsody

    package init(
      key: String, region: String, baseURL: String? = nil, voices: [Language: AzureVoice] = [:], style: String = "",
      prosody: AzureProsody = AzureProsody()
    ) {
      self.key = key
      self.region = region
      self.baseURL = baseURL
      self.voices = voices
      self.style = style
      self.prosody = prosody
    }
  }

  /// Whether a text is formed like a region's identifier, as `westeurope` is and its display name is not.
  package static func isRegion(_ text: String) -> Bool {
    !text.isEmpty && text.unicodeScalars.allSatisfy { ("a"..."z").contains($0) || ("0"..."9").contains($0) }
  }

  package let name = "azure"
  /// The voices' own high-fidelity rate, and the rate that clients play.
  package let sampleRate = 48_000

  private static let sampleFormat = "raw-48khz-16bit-mono-pcm"

  private let options: Options
  private let upstream: Upstream

  /// - Parameters:
  ///   - client: Shared with the other providers; see `HTTPClient.Configuration.upstream`.
  ///   - clock: Bounds the reading of error bodies.
  package init(options: Options, client: HTTPClient, clock: any Clock<Duration> = SharedClock()) {
    self.options = options
    upstream = Upstream(
      client: client,
      vendor: Upstream.Vendor(
        name: "Azure Speech", keySetting: "AZURE_SPEECH_KEY and AZURE_SPEECH_REGION",
        addressSetting: options.baseURL == nil ? "AZURE_SPEECH_REGION" : "AZURE_SPEECH_BASE_URL",
        modelSetting: "AZURE_SPEECH_VOICE_EN and AZURE_SPEECH_VOICE_RU"),
      clock: clock)
  }

  package func chargedName(of utterance: Utterance) -> String { voice(for: utterance).name }

  private func voice(for utterance: Utterance) -> AzureVoice {
    AzureVoice.choose(for: utterance, among: options.voices)
  }

  /// - Throws: `ProviderFault`, `CancellationError`, or what `emit` threw.
  package func speak(_ utterance: Utterance, emit: @escaping @Sendable ([Int16]) async throws -> Void) async throws {
    guard !utterance.text.allSatisfy(\.isWhitespace) else { throw ProviderFault.nothingToSay }
    let answer = try await upstream.open(request(for: utterance), explain: Self.explanation)
    try await answer.emitSound(rate: sampleRate, vendor: upstream.vendor, emit: emit)
  }

  private func request(for utterance: Utterance) -> HTTPClientRequest {
    let voice = voice(for: utterance)
    let document = SSML(voice: voice, style: options.style, prosody: options.prosody).document(saying: utterance.text)
    var request = HTTPClientRequest(url: address)
    request.method = .POST
    request.headers = [
      "Ocp-Apim-Subscription-Key": options.key, "Content-Type": "application/ssml+xml",
      "X-Microsoft-OutputFormat": Self.sampleFormat, "User-Agent": "Nexy/\(Nexy.version)",
    ]
    request.body = .bytes(ByteBuffer(string: document))
    return request
  }

  private var address: String {
    "\(options.baseURL ?? "https://\(options.region).tts.speech.microsoft.com")/cognitiveservices/v1"
  }

  /// Azure's error bodies are empty or prose; what a status means is in its documentation.
  @Sendable private static func explanation(
    _ status: HTTPResponseStatus, _ headers: HTTPHeaders, _ body: [UInt8]
  ) -> ProviderFault? {
    guard status == .badRequest else { return nil }
    return ProviderFault(
      .requestRefused,
      "Azure Speech refused the request (400): check the voices, AZURE_SPEECH_STYLE, _RATE, _PITCH and _VOLUME.")
  }
}
