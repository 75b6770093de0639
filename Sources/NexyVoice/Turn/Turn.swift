import NexyCore
import Synchronization

/// One turn: a prompt goes to the model; text, audio and at most one command come out while the model still talks.
///
/// Every stage is a child task of `run`; cancelling them is the one way to stop, and closes the model's and the engine's
/// work. Between the stages stand bounded channels, so a slow client slows the model and never fills the heap.
package struct Turn: Sendable {
  /// What is the same for every turn of a server.
  package struct Rules: Sendable {
    package var merge: MergeRules
    /// Samples of one audio event at most.
    package var chunkSamples: Int
    /// Asked when a command is to be sent, so that a switch acts at once.
    package var commands: @Sendable () -> CommandPolicy
    /// What the model may be silent before a finished sentence goes out that more words could extend.
    package var stall: Duration

    package init(
      merge: MergeRules = MergeRules(), chunkSamples: Int = 2048,
      commands: @escaping @Sendable () -> CommandPolicy = { CommandPolicy() },
      stall: Duration = .milliseconds(200)
    ) {
      self.merge = merge
      self.chunkSamples = chunkSamples
      self.commands = commands
      self.stall = stall
    }
  }

  /// Segments that may wait for the engine before the model is slowed.
  private static let segmentLimit = 8

  /// How long a turn waits for what is remembered, before it goes on without.
  private static let recallLimit = Duration.milliseconds(350)

  private let model: any LanguageModel
  private let synthesizer: any SpeechSynthesizer
  private let memory: (any ConversationMemory)?
  private let rules: Rules
  private let clock: any Clock<Duration>

  /// - Parameter memory: What was said before; nil where nothing is remembered.
  package init(
    model: any LanguageModel, synthesizer: any SpeechSynthesizer, memory: (any ConversationMemory)? = nil,
    rules: Rules, clock: any Clock<Duration> = SharedClock()
  ) {
    self.model = model
    self.synthesizer = synthesizer
    self.memory = memory
    self.rules = rules
    self.clock = clock
  }

  /// Runs the turn and sends its events; the last one is `finished` or `failed`, also after an interruption.
  package func run(
    _ request: TurnRequest, interruption: Interruption, emit: @escaping @Sendable (TurnEvent) async throws -> Void
  ) async -> TurnReport {
    let record = TurnRecord(clock: clock)
    let recorded: @Sendable (TurnEvent) async throws -> Void = { event in
      try await emit(event)
      record.note(event)
    }
    let failure = await interruption.ending(clock: clock) {
      try await speak(request, record: record, emit: recorded)
    } terminal: { failure in
      try await recorded(failure.map(TurnEvent.failed) ?? .finished)
    }
    record.update { $0.failure = failure }
    // What the listener never got is no part of the conversation, and neither is an excuse.
    if let memory, let answer = record.answer, !record.isExcused {
      memory.remember(
        Exchange(prompt: request.prompt, answer: answer), device: request.device, session: request.session)
    }
    return record.finish()
  }

  private func speak(
    _ request: TurnRequest, record: TurnRecord, emit: @escaping @Sendable (TurnEvent) async throws -> Void
  ) async throws {
    let segments = BoundedChannel<Segment>(limit: Self.segmentLimit)
    let stage = ReplyStage(
      ReplyAssembly(rules: rules.merge, language: request.language), segments: segments, clock: clock)
    let command = try await withThrowingTaskGroup(of: AssistantCommand?.self) { group in
      group.addTask { await flushAtStalls(stage) }
      group.addTask { try await read(request, stage, record: record) }
      let line = SpeechLine(
        synthesizer: synthesizer.forOneTurn(), chunkSamples: rules.chunkSamples, language: request.language,
        voice: nil, owner: request.owner,
        goesOnSilently: { error in record.update { $0.speechFailure = $0.speechFailure ?? NexyError(turnError: error) }
        })
      try await line.run(segments, emit: emit)
      // The line ends well only after the reply has, so nothing is cut off here but the wait for a stall.
      group.cancelAll()
      return try await group.reduce(nil) { $0 ?? $1 }
    }
    // A kill switch acts on a command that waited for its speech as well.
    if let command, let allowed = check(command.proposed, request, record) { try await emit(.action(allowed)) }
  }

  /// Reads the model's whole reply; returns the command it may have brought.
  private func read(_ request: TurnRequest, _ stage: ReplyStage, record: TurnRecord) async throws -> AssistantCommand? {
    do {
      let asked = ModelRequest(
        prompt: request.prompt, screenshot: request.screenshot, language: request.language, device: request.device,
        session: request.session, memory: await recall(request.device, record), commands: rules.commands().allowed)
      try await model.reply(to: asked) { try await stage.take($0) }
      let ending = stage.end()
      record.update { $0.replyFault = ending.fault }
      let command = ending.command.flatMap { check($0, request, record) }
      if !ending.hasSpoken {
        guard ending.command != nil else { throw NexyError(.emptyReply, "No answer came. Please try again.") }
        stage.say(CommandPhrases.phrase(for: command, in: request.ownLanguage))
      }
      stage.finish()
      return command
    } catch let error as NexyError where error.code == .replyBlocked {
      stage.apologise(.blocked, in: request.ownLanguage)
      stage.finish()
      record.update { $0.isBlocked = true }
      record.excuse()
      return nil
    } catch {
      if !Task.isCancelled {
        stage.apologise(in: request.ownLanguage)
        record.excuse()
      }
      stage.fail(error)
      throw error
    }
  }

  /// What is remembered of a device, unless that takes too long or cannot be had.
  private func recall(_ device: DeviceID, _ record: TurnRecord) async -> Recollection {
    guard let memory else { return Recollection() }
    do {
      if let recollection = try await within(Self.recallLimit, on: clock, { try await memory.recall(device) }) {
        return recollection
      }
      record.update { $0.recallFailure = "late" }
    } catch {
      if !Task.isCancelled { record.update { $0.recallFailure = "\(NexyError(turnError: error).code)" } }
    }
    return Recollection()
  }

  private func check(_ proposed: ProposedCommand, _ request: TurnRequest, _ record: TurnRecord) -> AssistantCommand? {
    switch rules.commands().check(proposed, session: request.session) {
    case .success(let command):
      record.update { $0.command = command.name }
      return command
    case .failure(let refusal):
      record.update { report in
        report.command = nil
        report.refusal = "\(refusal)"
      }
      return nil
    }
  }

  /// Gives finished sentences out when the model pauses in the middle of its reply.
  private func flushAtStalls(_ stage: ReplyStage) async -> AssistantCommand? {
    while !Task.isCancelled {
      let rest = rules.stall - stage.quiet
      if rest <= .zero { stage.flushStalled() }
      try? await clock.sleep(for: rest > .zero ? rest : rules.stall)
    }
    return nil
  }
}

extension NexyError.Code {
  /// The model's reply held nothing to say and nothing to do.
  package static let emptyReply = Self("empty_reply")
  /// A fault of the server's own.
  package static let turnFailed = Self("turn_failed")
}

extension NexyError {
  /// A failure of a turn as its client may hear it; what is no `NexyError` keeps its words for the log.
  package init(turnError error: any Error) {
    switch error {
    case let error as NexyError: self = error
    case is CancellationError: self = .clientLeft
    default:
      self.init(.turnFailed, "Something went wrong on the server. Please try again.", cause: error)
    }
  }
}
