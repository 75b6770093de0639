import Foundation
import NexyWire
import SwiftProtobuf

/// The contract as data: docs/protocol.md and the table of errors in docs/operating.md, line by line.
package enum ContractTable {
  package static let rows: [ContractRow] = identifiers + phases + turns + collected + others

  /// A refusal is decided before anything is asked of a provider.
  private static let atOnce = Duration.seconds(1)
  /// A model's first words and their sound.
  private static let speech = Duration.seconds(10)
  /// The offline assistant asks nobody.
  private static let rules = Duration.seconds(2)

  private static let badDevice = "hardware_id is required and must be valid (not empty or 'unknown')"
  private static let badSession = "session_id is required and must be provided by client"
  private static let emptyPrompt = "Empty prompt: text field is required"
  private static let interrupted = "Сессии успешно прерваны"

  // MARK: - Identifiers

  private static let identifiers: [ContractRow] =
    [
      ("empty", ""), ("blank", "  "), ("unknown", "unknown"), ("unknown_upper", "UNKNOWN"),
      ("long", String(repeating: "d", count: 1025)),
    ].map { name, device in
      refused("device.\(name)", "hardware_id \(told(device))", badDevice) { CheckRequests.turn(device: device) }
    }
    + [
      ("empty", ""), ("word", "default"), ("version_1", "8b3a2f90-c6a1-11ee-a506-0242ac120002"),
      ("version_7", "018f3c2e-8f5a-7c3d-9a61-0242ac120002"), ("short", "8b3a2f90-c6a1-41ee-a506"),
    ].map { name, session in
      refused("session.\(name)", "session_id \(told(session))", badSession) { CheckRequests.turn(session: session) }
    }

  // MARK: - Phases and prompts

  private static let phases: [ContractRow] = [
    refused("phase.unknown", "phase 3", "unsupported request phase: REQUEST_PHASE_UNSPECIFIED") {
      changed { $0.phase = .UNRECOGNIZED(3) }
    },
    refused("prompt.empty", "prompt \"\"", emptyPrompt) { CheckRequests.turn("") },
    refused("prompt.blank", "prompt of blanks", emptyPrompt) { CheckRequests.turn(" \n\t ") },
    refused("collect.device", "COLLECT without a hardware_id", badDevice) {
      CheckRequests.collect("a", number: 1, device: "", session: CheckRequests.session())
    },
    refused("collect.session", "COLLECT without a session_id", badSession) {
      CheckRequests.collect("a", number: 1, device: CheckRequests.device(), session: "")
    },
  ]

  // MARK: - Turns

  private static let turns: [ContractRow] = [
    turn("turn.commit", "COMMIT", changed { _ in }),
    turn("turn.unspecified", "no phase", changed { $0.phase = .unspecified }),
    turn("turn.russian", "a prompt in Russian", CheckRequests.turn("Что ты умеешь?")),
    turn("turn.lines", "a prompt of several lines", CheckRequests.turn("\n  What can\nyou do?  \n")),
    turn(
      "turn.screenshot", "a prompt with a screenshot",
      changed {
        $0.screenshot = smallestPicture
        ($0.screenWidth, $0.screenHeight) = (1, 1)
      }),
    row(
      "turn.recital", "\"Repeat after me\" and twelve sentences", "turn end", "OK", within: rules, isOffline: true,
      .text(CheckRequests.fable)
    ) { try await say($0, CheckRequests.turn("Repeat after me: \(CheckRequests.fable)")) },
    row(
      "turn.sum", "\"What is 17 times 23?\"", "turn end", "OK", within: rules, isOffline: true,
      .text("17 times 23 is 391.")
    ) { try await say($0, CheckRequests.turn("What is 17 times 23?")) },
    row(
      "turn.action", "\"Open Safari\"", "turn end", "OK", within: rules, isOffline: true,
      .action(command: "open_app", argument: "Safari")
    ) { try await say($0, CheckRequests.turn("Open Safari")) },
    row(
      "turn.action.russian", "\"Закрой Safari\"", "turn end", "OK", within: rules, isOffline: true,
      .action(command: "close_app", argument: "Safari")
    ) { try await say($0, CheckRequests.turn("Закрой Safari")) },
    row(
      "turn.picture", "a screenshot of more than 11 MiB", "error", "INVALID_ARGUMENT", within: .seconds(60),
      isHeavy: true
    ) {
      // Four letters of base64 are three bytes; no server takes more than 11 MiB (IMAGE_MAX_SIZE).
      let picture = String(repeating: "UklG", count: (11 << 20) / 3 + 1)
      return try await say($0, changed { $0.screenshot = picture })
    },
  ]

  // MARK: - COLLECT and COMMIT

  private static let collected: [ContractRow] = [
    row("collect.piece", "COLLECT", "end", "OK", within: atOnce, .terminal("COLLECT_ACCEPTED")) {
      try await say(
        $0, CheckRequests.collect("Hello", number: 1, device: CheckRequests.device(), session: CheckRequests.session()))
    },
    row("collect.commit", "COLLECT, then COMMIT without a prompt", "turn end", "OK", within: speech) {
      try await committed($0, [("What can you do?", 1)])
    },
    row(
      "collect.joined", "two pieces of COLLECT, then COMMIT", "turn end", "OK", within: rules, isOffline: true,
      .text("One two. Three four.")
    ) { try await committed($0, [("Repeat after me: One two.", 1), (" Three four.", 2)]) },
    row(
      "collect.stale", "a piece with an older number is dropped", "turn end", "OK", within: rules, isOffline: true,
      .text("One two.")
    ) { try await committed($0, [("Repeat after me: One two.", 5), ("Three four.", 4)]) },
    row(
      "collect.once", "COMMIT takes what was collected once", "error", "INVALID_ARGUMENT", within: atOnce,
      .terminal(emptyPrompt)
    ) { line in
      let (device, session) = (CheckRequests.device(), CheckRequests.session())
      _ = try await line.say(CheckRequests.collect("What can you do?", number: 1, device: device, session: session))
      _ = try await line.say(CheckRequests.turn("", device: device, session: session), limit: SmokeCheck.longestTurn)
      return try await say(line, CheckRequests.turn("", device: device, session: session))
    },
    row(
      "collect.apart", "COMMIT of another session", "error", "INVALID_ARGUMENT", within: atOnce, .terminal(emptyPrompt)
    ) { line in
      let device = CheckRequests.device()
      _ = try await line.say(
        CheckRequests.collect("What can you do?", number: 1, device: device, session: CheckRequests.session()))
      return try await say(line, CheckRequests.turn("", device: device))
    },
  ]

  // MARK: - The other calls

  private static let others: [ContractRow] = [
    single("interrupt.idle", "InterruptSession, nothing runs", "OK") { line in
      let answer = try await line.interrupt(CheckRequests.device())
      let isRight = answer.success && answer.interruptedSessions.isEmpty && answer.message == interrupted
      return isRight ? nil : "success \(answer.success), \"\(answer.message)\""
    },
    single("interrupt.device", "InterruptSession without a hardware_id", "INVALID_ARGUMENT") { line in
      _ = try await line.interrupt("")
      return nil
    },
    single("interrupt.unknown", "InterruptSession, hardware_id \"unknown\"", "INVALID_ARGUMENT") { line in
      _ = try await line.interrupt("unknown")
      return nil
    },
    single("interrupt.running", "InterruptSession while a turn speaks", "OK", isHeld: true) { line in
      let sight = try await RunningTurn.interrupted(line)
      return sight.verdict == .passed ? nil : sight.observed
    },
    single("usage.kept", "ReportUsage", "OK") { line in
      let answer = try await line.reportUsage(CheckRequests.usage())
      let isRight = answer.success && answer.message == "Usage recorded"
      return isRight ? nil : "success \(answer.success), \"\(answer.message)\""
    },
    single("usage.device", "ReportUsage without a hardware_id is not kept", "OK") { line in
      let answer = try await line.reportUsage(CheckRequests.usage(device: ""))
      let isRight = !answer.success && answer.message == "hardware_id required"
      return isRight ? nil : "success \(answer.success), \"\(answer.message)\""
    },
    single("health.serving", "grpc.health.v1 of the whole server", "OK") { line in
      let status = try await line.serving("")
      return status == "SERVING" ? nil : status
    },
    single("health.unknown", "grpc.health.v1 of an unknown service", "NOT_FOUND") { line in
      _ = try await line.serving("nexy.check.Unknown")
      return nil
    },
    row("welcome.greeting", "GenerateWelcomeAudio without a text", "metadata audio end", "OK", within: speech) {
      try await welcome($0, .with { $0.sessionID = CheckRequests.session() })
    },
    row("welcome.text", "GenerateWelcomeAudio of a text", "metadata audio end", "OK", within: speech) {
      try await welcome($0, .with { $0.text = "Welcome back." })
    },
    row("welcome.russian", "GenerateWelcomeAudio in Russian", "metadata audio end", "OK", within: speech) {
      try await welcome($0, .with { ($0.text, $0.language) = ("Здравствуйте.", "ru") })
    },
    row("welcome.unspeakable", "GenerateWelcomeAudio of an emoji", "error", "UNAVAILABLE", within: speech) {
      try await welcome($0, .with { $0.text = "🙂" })
    },
  ]
}

extension ContractTable {
  private typealias Call = @Sendable (VoiceLine) async throws -> ContractOutcome

  private static func row(
    _ name: String, _ input: String, _ items: String, _ status: String, within bound: Duration, isOffline: Bool = false,
    isHeavy: Bool = false, isHeld: Bool = false, _ expects: ContractRow.Expectation = .nothing, _ call: @escaping Call
  ) -> ContractRow {
    ContractRow(
      name: name, input: input, items: items, status: status, bound: bound, isOffline: isOffline, isHeavy: isHeavy,
      isHeld: isHeld, call: call, expects: expects)
  }

  private static func turn(
    _ name: String, _ input: String, _ request: @autoclosure @escaping @Sendable () -> Streaming_StreamRequest
  ) -> ContractRow {
    row(name, input, "turn end", "OK", within: speech) { try await say($0, request()) }
  }

  private static func refused(
    _ name: String, _ input: String, _ text: String, _ request: @escaping @Sendable () -> Streaming_StreamRequest
  ) -> ContractRow {
    row(name, input, "error", "INVALID_ARGUMENT", within: atOnce, .terminal(text)) { try await say($0, request()) }
  }

  /// A call with one answer: its fault becomes the message of an outcome that nobody expects.
  private static func single(
    _ name: String, _ input: String, _ status: String, isHeld: Bool = false,
    _ call: @escaping @Sendable (VoiceLine) async throws -> String?
  ) -> ContractRow {
    row(name, input, "nothing", status, within: isHeld ? speech : atOnce, isHeld: isHeld) { line in
      let start = ContinuousClock.now
      var reply = HeardReply()
      do {
        if let fault = try await call(line) { (reply.status, reply.message) = ("answered", fault) }
      } catch let failure as CallFailure {
        (reply.status, reply.message) = (failure.status, failure.message)
      }
      reply.duration = ContinuousClock.now - start
      return ContractOutcome(reply: reply)
    }
  }

  private static func say(_ line: VoiceLine, _ request: Streaming_StreamRequest) async throws -> ContractOutcome {
    ContractOutcome(
      reply: try await line.say(request, limit: SmokeCheck.longestTurn), session: request.sessionID)
  }

  private static func welcome(_ line: VoiceLine, _ request: Streaming_WelcomeRequest) async throws -> ContractOutcome {
    ContractOutcome(reply: try await line.welcome(request, limit: SmokeCheck.longestTurn))
  }

  private static func committed(_ line: VoiceLine, _ pieces: [(String, Int32)]) async throws -> ContractOutcome {
    let (device, session) = (CheckRequests.device(), CheckRequests.session())
    for (text, number) in pieces {
      let accepted = try await line.say(CheckRequests.collect(text, number: number, device: device, session: session))
      guard accepted.items == [.end("COLLECT_ACCEPTED")] else { return ContractOutcome(reply: accepted) }
    }
    return try await say(line, CheckRequests.turn("", device: device, session: session))
  }

  @Sendable private static func changed(_ change: (inout Streaming_StreamRequest) -> Void) -> Streaming_StreamRequest {
    var request = CheckRequests.turn()
    change(&request)
    return request
  }

  private static func told(_ text: String) -> String {
    text.count > 40 ? "of \(text.count) characters" : "\"\(text)\""
  }

  /// A WebP picture of one pixel, base64 (https://developers.google.com/speed/webp/docs/riff_container).
  private static let smallestPicture = "UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA"
}
