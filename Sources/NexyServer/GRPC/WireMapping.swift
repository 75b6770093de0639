import GRPCCore
import NexyCore
import NexyVoice
import NexyWire

extension StreamCall {
  /// - Parameter metadata: `accept-language` names the language the client wants to hear; released clients send none.
  init(_ request: Streaming_StreamRequest, metadata: Metadata) {
    self.init()
    prompt = request.prompt
    screenshot = request.hasScreenshot ? request.screenshot : nil
    screenWidth = request.hasScreenWidth ? Int(request.screenWidth) : nil
    screenHeight = request.hasScreenHeight ? Int(request.screenHeight) : nil
    hardwareID = request.hardwareID
    sessionID = request.sessionID
    phase =
      switch request.phase {
      case .unspecified: .unspecified
      case .collect: .collect
      case .commit: .commit
      case .UNRECOGNIZED(let number): .unknown(number)
      }
    chunkSequence = Int(request.chunkSeq)
    chunkText = request.hasChunkText ? request.chunkText : nil
    // The first of a list such as "ru, en;q=0.5" is the one that is liked best.
    language = metadata[stringValues: "accept-language"].first { _ in true }.flatMap { header in
      header.split { $0 == "," || $0 == ";" || $0 == " " }.first.map(String.init)
    }
  }
}

extension Streaming_StreamResponse {
  /// The messages of an event.
  static func messages(of event: TurnEvent) throws -> [Self] {
    switch event {
    case .text(let text): [.text(text)]
    case .audio(let chunks): chunks.map { .audio($0.samples) }
    case .action(let command): [.action(json: try command.json(), session: command.session)]
    case .finished: [.end("Обработка завершена")]
    case .failed(let error): [.error(error.message)]
    }
  }
}

extension Streaming_WelcomeResponse {
  /// The messages of an event.
  static func messages(of event: Welcome.Event) -> [Self] {
    switch event {
    case .metadata(let engine, let duration): [.metadata(method: engine, seconds: duration?.inSeconds ?? 0)]
    case .audio(let chunks): chunks.map { .audio($0.samples) }
    case .finished: [.end("Welcome audio generation completed")]
    case .failed(let error): [.error(error.message)]
    }
  }
}

extension Welcome.Request {
  init(_ request: Streaming_WelcomeRequest) {
    self.init(
      text: request.text, voice: request.voice.isEmpty ? nil : request.voice,
      language: Language(tag: request.language))
  }
}

extension UsageEntry {
  init(_ request: Streaming_UsageRequest) {
    self.init(
      hardwareID: request.hardwareID, sessionID: request.sessionID, source: request.source,
      model: request.model, inputTokens: Int(request.inputTokens), outputTokens: Int(request.outputTokens))
  }
}
