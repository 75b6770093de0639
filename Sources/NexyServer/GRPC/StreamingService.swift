import GRPCCore
import Logging
import NexyCore
import NexyObservability
import NexyVoice
import NexyWire

/// The four RPCs of the client's contract: decodes, hands over to the room that decides, encodes.
struct StreamingService: Streaming_StreamingService.ServiceProtocol {
  let voice: VoiceRoom
  let journal: RPCJournal

  func streamAudio(
    request: ServerRequest<Streaming_StreamRequest>, context: ServerContext
  ) async throws -> StreamingServerResponse<Streaming_StreamResponse> {
    let call = StreamCall(request.message, metadata: request.metadata)
    return StreamingServerResponse { writer in
      try await journal.record("StreamAudio", Self.facts(of: call)) {
        guard !voice.registry.isDraining else { return await Self.refuse(.shuttingDown, writer) }
        let decision: TurnIntake.Decision
        do throws(NexyError) {
          decision = try voice.intake.take(call)
        } catch {
          return await Self.refuse(error, writer)
        }
        switch decision {
        case .collected:
          try await Self.send([.end("COLLECT_ACCEPTED")], to: writer)
          return RPCJournal.Outcome(decision: .collectAcknowledged)
        case .turn(let turn):
          return await run(turn, writer)
        }
      }
      return [:]
    }
  }

  private func run(_ request: TurnRequest, _ writer: RPCWriter<Streaming_StreamResponse>) async -> RPCJournal.Outcome {
    let interruption = Interruption()
    let report = await untilClientLeaves(interruption) {
      await voice.registry.track(request, interruption) {
        await voice.turn.run(request, interruption: interruption) { event in
          try await Self.send(Streaming_StreamResponse.messages(of: event), to: writer)
        }
      }
    }
    return RPCJournal.Outcome(failure: report.failure, context: Self.facts(of: report))
  }

  /// Tells the client why nothing is done for it, before the status does.
  private static func refuse<Message: TerminalMessage>(
    _ error: NexyError, _ writer: RPCWriter<Message>
  ) async -> RPCJournal.Outcome {
    try? await writer.write(.error(error.message))
    return RPCJournal.Outcome(failure: error)
  }

  /// A write fails when its stream is gone, and only then.
  private static func send<Message>(_ messages: [Message], to writer: RPCWriter<Message>) async throws {
    do {
      try await writer.write(contentsOf: messages)
    } catch let error as CancellationError {
      throw error
    } catch {
      throw NexyError(.clientLeft, NexyError.clientLeft.message, cause: error)
    }
  }

  /// Trips the interruption when gRPC cancels the call. It does so at a graceful shutdown as well, when running calls
  /// are to finish: a client that leaves then is noticed by the next write to it, or when the grace period is over.
  private func untilClientLeaves<Result: Sendable>(
    _ interruption: Interruption, _ work: () async throws -> Result
  ) async rethrows -> Result {
    try await withRPCCancellationHandler {
      try await work()
    } onCancelRPC: { [registry = voice.registry] in
      if !registry.isDraining { interruption.trip(.clientLeft) }
    }
  }

  func interruptSession(
    request: ServerRequest<Streaming_InterruptRequest>, context: ServerContext
  ) async throws -> ServerResponse<Streaming_InterruptResponse> {
    var response = Streaming_InterruptResponse()
    try await journal.record("InterruptSession", ["hardware_id": Self.shown(DeviceID(request.message.hardwareID))]) {
      let device = try TurnIntake.device(request.message.hardwareID)
      let sessions = voice.registry.interrupt(device)
      response.success = true
      response.interruptedSessions = sessions.map(\.text)
      response.message = "Сессии успешно прерваны"
      return RPCJournal.Outcome(context: ["interrupted": .stringConvertible(sessions.count)])
    }
    return ServerResponse(message: response)
  }

  func generateWelcomeAudio(
    request: ServerRequest<Streaming_WelcomeRequest>, context: ServerContext
  ) async throws -> StreamingServerResponse<Streaming_WelcomeResponse> {
    let welcome = Welcome.Request(request.message)
    let facts: Logger.Metadata = ["text_bytes": .stringConvertible(request.message.text.utf8.count)]
    return StreamingServerResponse { writer in
      try await journal.record("GenerateWelcomeAudio", facts) {
        guard !voice.registry.isDraining else { return await Self.refuse(.shuttingDown, writer) }
        let interruption = Interruption()
        let failure = await untilClientLeaves(interruption) {
          await voice.registry.track(nil, interruption) {
            await voice.welcome.run(welcome, interruption: interruption) { event in
              try await Self.send(Streaming_WelcomeResponse.messages(of: event), to: writer)
            }
          }
        }
        return RPCJournal.Outcome(failure: failure)
      }
      return [:]
    }
  }

  func reportUsage(
    request: ServerRequest<Streaming_UsageRequest>, context: ServerContext
  ) async throws -> ServerResponse<Streaming_UsageResponse> {
    var response = Streaming_UsageResponse()
    let entry = UsageEntry(request.message)
    let facts: Logger.Metadata = [
      "hardware_id": Self.shown(DeviceID(entry.hardwareID)), "session_id": Self.shown(SessionID(entry.sessionID)),
    ]
    try await journal.record("ReportUsage", facts) {
      guard DeviceID(entry.hardwareID) != nil else {
        response.message = "hardware_id required"
        return RPCJournal.Outcome(context: ["recorded": "no"])
      }
      guard [entry.sessionID, entry.source, entry.model].allSatisfy({ $0.utf8.count <= Self.usageFieldLimit }) else {
        response.message = "session_id, source and model may have \(Self.usageFieldLimit) bytes each"
        return RPCJournal.Outcome(context: ["recorded": "no"])
      }
      do {
        try await voice.usage.record(entry)
        response.success = true
        response.message = "Usage recorded"
      } catch let error as NexyError {
        // The contract has a field for it, so the RPC itself ends well; the log has the reason.
        response.message = error.message
        journal.log.record(
          .error, error.message, scope: .grpc, level: .error, method: "ReportUsage",
          context: ["error_type": "\(error.code)", "detail": "\(error.fullDetail ?? "")"])
      }
      return RPCJournal.Outcome(context: ["recorded": response.success ? "yes" : "no"])
    }
    return ServerResponse(message: response)
  }

  /// Bytes of each text of a usage report.
  private static let usageFieldLimit = 1024

  /// An identifier for the log: what is not valid may be anything, and is not repeated.
  private static func shown(_ identifier: (any CustomStringConvertible)?) -> Logger.MetadataValue {
    .string(identifier?.description ?? "invalid")
  }

  private static func facts(of call: StreamCall) -> Logger.Metadata {
    [
      "session_id": shown(SessionID(call.sessionID)), "hardware_id": shown(DeviceID(call.hardwareID)),
      "phase": "\(call.phase)",
      "prompt_bytes": .stringConvertible(call.prompt.utf8.count),
      "screenshot_bytes": .stringConvertible(call.screenshot?.utf8.count ?? 0),
    ]
  }

  private static func facts(of report: TurnReport) -> Logger.Metadata {
    var facts: Logger.Metadata = [
      "segments": .stringConvertible(report.segments),
      "audio_ms": .stringConvertible(report.audioSamples * 1000 / AudioChunk.sampleRate),
    ]
    if let text = report.firstText { facts["first_text_ms"] = .stringConvertible(text.wholeMilliseconds) }
    if let audio = report.firstAudio { facts["first_audio_ms"] = .stringConvertible(audio.wholeMilliseconds) }
    if let command = report.command { facts["command"] = "\(command)" }
    if let refusal = report.refusal { facts["command_refused"] = "\(refusal)" }
    if let fault = report.replyFault { facts["reply_fault"] = "\(fault)" }
    return facts
  }
}
