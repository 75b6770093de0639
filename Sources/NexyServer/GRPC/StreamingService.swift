import GRPCCore
import Logging
import NexyCore
import NexyObservability
import NexyVoice
import NexyWire

/// The four RPCs of the client's contract: decodes, hands over to the room that decides, encodes.
struct StreamingService: Streaming_StreamingService.ServiceProtocol {
  let voice: VoiceRoom

  func streamAudio(
    request: ServerRequest<Streaming_StreamRequest>, context: ServerContext
  ) async throws -> StreamingServerResponse<Streaming_StreamResponse> {
    let call = StreamCall(request.message, metadata: request.metadata)
    RPCRecord.current?.start(Self.facts(of: call))
    return StreamingServerResponse { writer in
      let outlet = Outlet(writer, pace: voice.pace)
      try await outlet.refusing {
        guard !voice.registry.isDraining else { throw NexyError.shuttingDown }
        let arrival = try voice.intake.read(call)
        try noteRequest(of: arrival.owner.device)
        switch arrival {
        case .piece(let owner):
          voice.intake.collect(call, for: owner)
          RPCRecord.current?.endsWell(as: .collectAcknowledged)
          try await outlet.send([.end("COLLECT_ACCEPTED")])
        case .turn(let owner): try await run(call, owner, outlet)
        }
      }
      return [:]
    }
  }

  private func run(
    _ call: StreamCall, _ owner: TurnSlot.Owner, _ outlet: Outlet<Streaming_StreamResponse>
  ) async throws {
    try await inSlot(of: owner) { slot in
      let request = try voice.intake.request(call, for: owner)
      let report = await voice.turn.run(request, interruption: slot.interruption) { event in
        try await outlet.send(Streaming_StreamResponse.messages(of: event), slot)
      }
      RPCRecord.current?.note(Self.facts(of: report))
      if let text = report.firstText { RPCRecord.current?.metrics.heardText(after: text) }
      if let audio = report.firstAudio { RPCRecord.current?.metrics.heardAudio(after: audio) }
      if let failure = report.speechFailure {
        RPCRecord.current?.tell(
          .degrade, failure.message, level: .error,
          ["error_type": "\(failure.code)", "detail": "\(failure.fullDetail ?? "")"])
      }
      if let failure = report.failure {
        if failure.code == .turnIdle {
          RPCRecord.current?.tell(.streamIdleTimeout, failure.message, voice.registry.facts)
        }
        throw Told(failure)
      }
    }
  }

  /// Runs what streams to a client in a slot of its own, and stops it when the client leaves.
  private func inSlot(of owner: TurnSlot.Owner?, _ work: (TurnSlot) async throws -> Void) async throws {
    let record = RPCRecord.current
    let registry = voice.registry
    do {
      try await registry.withSlot(for: owner) { slot in
        record?.acquired(slot, registry)
        defer { record?.released(slot) }
        try await withRPCCancellationHandler {
          try await work(slot)
        } onCancelRPC: {
          slot.interruption.trip(record?.reasonToCancel ?? .clientLeft)
        }
      }
    } catch let error as NexyError where error.isRefusedSlot {
      record?.rejected(error, registry)
      throw error
    }
  }

  func interruptSession(
    request: ServerRequest<Streaming_InterruptRequest>, context: ServerContext
  ) async throws -> ServerResponse<Streaming_InterruptResponse> {
    RPCRecord.current?.start(["hardware_id": Self.shown(DeviceID(request.message.hardwareID))])
    let device = try TurnIntake.device(request.message.hardwareID)
    let sessions = voice.registry.interrupt(device)
    RPCRecord.current?.note(["interrupted": .stringConvertible(sessions.count)])
    var response = Streaming_InterruptResponse()
    response.success = true
    response.interruptedSessions = sessions.map(\.text)
    response.message = "Сессии успешно прерваны"
    return ServerResponse(message: response)
  }

  func generateWelcomeAudio(
    request: ServerRequest<Streaming_WelcomeRequest>, context: ServerContext
  ) async throws -> StreamingServerResponse<Streaming_WelcomeResponse> {
    let welcome = Welcome.Request(request.message)
    RPCRecord.current?.start(["text_bytes": .stringConvertible(request.message.text.utf8.count)])
    return StreamingServerResponse { writer in
      let outlet = Outlet(writer, pace: voice.pace)
      try await outlet.refusing {
        try await inSlot(of: nil) { slot in
          let failure = await voice.welcome.run(welcome, interruption: slot.interruption) { event in
            try await outlet.send(Streaming_WelcomeResponse.messages(of: event), slot)
          }
          if let failure { throw Told(failure) }
        }
      }
      return [:]
    }
  }

  func reportUsage(
    request: ServerRequest<Streaming_UsageRequest>, context: ServerContext
  ) async throws -> ServerResponse<Streaming_UsageResponse> {
    let entry = UsageEntry(request.message)
    let record = RPCRecord.current
    record?.start([
      "hardware_id": Self.shown(DeviceID(entry.hardwareID)), "session_id": Self.shown(SessionID(entry.sessionID)),
    ])
    var response = Streaming_UsageResponse()
    if let mistake = Self.mistake(in: entry) {
      response.message = mistake
    } else {
      do {
        try noteRequest(of: TurnIntake.device(entry.hardwareID))
        try await voice.usage.record(entry)
        response.success = true
        response.message = "Usage recorded"
      } catch let error as NexyError where error.code == .rateLimitReached {
        throw error
      } catch let error as NexyError {
        // The contract has a field for it, so the RPC itself ends well; the log has the reason.
        response.message = error.message
        record?.tell(
          .degrade, error.message, level: .error,
          ["error_type": "\(error.code)", "detail": "\(error.fullDetail ?? "")"])
      }
    }
    record?.note(["recorded": response.success ? "yes" : "no"])
    return ServerResponse(message: response)
  }

  /// Counts a request against its device's rate.
  private func noteRequest(of device: DeviceID) throws(NexyError) {
    do {
      try voice.rates.note(device)
    } catch {
      RPCRecord.current?.tell(.rateLimitExceeded, error.message)
      throw error
    }
  }

  private static func mistake(in entry: UsageEntry) -> String? {
    guard DeviceID(entry.hardwareID) != nil else { return "hardware_id required" }
    let fits = [entry.sessionID, entry.source, entry.model].allSatisfy { $0.utf8.count <= usageFieldLimit }
    guard entry.inputTokens >= 0, entry.outputTokens >= 0 else { return "input_tokens and output_tokens are 0 or more" }
    return fits ? nil : "session_id, source and model may have \(usageFieldLimit) bytes each"
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
    if let failure = report.speechFailure { facts["speech_failed"] = "\(failure.code)" }
    if let failure = report.recallFailure { facts["memory"] = "\(failure)" }
    if report.isBlocked { facts["reply_blocked"] = "yes" }
    if let fault = report.replyFault { facts["reply_fault"] = "\(fault)" }
    return facts
  }
}

extension RPCRecord {
  fileprivate func acquired(_ slot: TurnSlot, _ registry: TurnRegistry) {
    tell(.streamAcquired, "Slot acquired", registry.facts)
    if slot.isTurn { metrics.turnAdmitted() }
  }

  fileprivate func released(_ slot: TurnSlot) {
    tell(.streamReleased, "Slot released")
    if slot.isTurn { metrics.turnReleased() }
  }

  fileprivate func rejected(_ error: NexyError, _ registry: TurnRegistry) {
    tell(.streamRejected, "No slot", registry.facts.merging(["reason": "\(error.code)"]) { $1 })
    metrics.turnRefused(code: error.code.rawValue)
  }
}

extension TurnRegistry {
  /// How full the server is, for the log.
  fileprivate var facts: Logger.Metadata {
    ["active_streams": .stringConvertible(turnCount), "max_streams": .stringConvertible(limits.turns)]
  }
}
