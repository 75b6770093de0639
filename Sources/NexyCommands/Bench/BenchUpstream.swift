import Foundation
import Hummingbird
import Logging
import NexyCore
import NexyObservability
import Synchronization

/// What the providers of a benchmark do, and when.
struct UpstreamTiming: Sendable {
  /// From a question to the first delta, and from each delta to the next.
  var firstDelta = Duration.milliseconds(100)
  var delta = Duration.milliseconds(20)
  /// From a sentence to its first sound.
  var firstSound = Duration.milliseconds(80)
  /// Length of the sound of one sentence.
  var sound = Duration.milliseconds(300)
  /// Time to make a sound over its length; 0 gives it at once.
  var realTimeFactor = 0.0
  var sentences = 6
}

/// A language model and a speech engine over HTTP whose timing is known: an OpenAI-compatible server in this process
/// that notes when it was asked and when it answered.
struct BenchUpstream: Sendable {
  let timing: UpstreamTiming
  let notes = UpstreamNotes()

  /// Runs until its task is cancelled.
  func run(onListening: @escaping @Sendable (Int) -> Void) async throws {
    let router = Router()
    router.post("v1/chat/completions") { request, _ in try await reply(to: request) }
    router.post("v1/audio/speech") { request, _ in try await speech(for: request) }
    let application = Application(
      router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
      onServerRunning: { channel in onListening(channel.localAddress?.port ?? 0) },
      logger: DecisionLog.silent.logger(label: "upstream", level: .critical))
    try await application.run()
  }

  /// The deltas of a reply: words with the blank before them, as models stream them. Each sentence names its turn.
  static func deltas(of turn: String, sentences: Int) -> [String] {
    (1...sentences).flatMap { number in
      [number == 1 ? "The" : " The", " answer", " \(turn)", " has", " come", " to", " its", " next", " part", "."]
    }
  }

  /// The first delta by which anybody could tell that the first sentence is over: the next one begins.
  private static let tellsFirstSentence = 10

  private func reply(to request: Request) async throws -> Response {
    let arrived = ContinuousClock.now
    let body = try await request.body.collect(upTo: 1 << 20)
    let turn = Self.number(in: String(buffer: body).components(separatedBy: "\"content\"").last ?? "")
    let events = Self.deltas(of: turn, sentences: timing.sentences)
    return Response(
      status: .ok, headers: [.contentType: "text/event-stream"],
      body: ResponseBody { [timing, notes] writer in
        for (index, text) in events.enumerated() {
          let due = timing.firstDelta + timing.delta * index
          try await Task.sleep(until: arrived + due, tolerance: .zero, clock: .continuous)
          if index == Self.tellsFirstSentence { notes.told(turn, after: ContinuousClock.now - arrived) }
          try await writer.write(ByteBuffer(string: Self.event("{\"content\":\"\(text)\"}", finish: "null")))
        }
        try await writer.write(ByteBuffer(string: Self.event("{}", finish: "\"stop\"") + "data: [DONE]\n\n"))
        try await writer.finish(nil)
      })
  }

  private static func event(_ delta: String, finish: String) -> String {
    """
    data: {"id":"bench","object":"chat.completion.chunk","model":"bench","choices":[{"index":0,"delta":\(delta),\
    "finish_reason":\(finish)}]}\n\n
    """
  }

  private func speech(for request: Request) async throws -> Response {
    let arrived = ContinuousClock.now
    let body = try await request.body.collect(upTo: 1 << 20)
    let turn = Self.number(in: String(buffer: body))
    // 100 ms of a square wave at 24 kHz.
    let piece = ByteBuffer(repeating: 0x10, count: 4800)
    return Response(
      status: .ok, headers: [.contentType: "audio/pcm"],
      body: ResponseBody { [timing, notes] writer in
        for index in 0..<max(1, Int(timing.sound / .milliseconds(100))) {
          let due = timing.firstSound + .milliseconds(100) * (Double(index) * timing.realTimeFactor)
          try await Task.sleep(until: arrived + due, tolerance: .zero, clock: .continuous)
          if index == 0 { notes.sounded(turn, after: ContinuousClock.now - arrived) }
          try await writer.write(piece)
        }
        try await writer.finish(nil)
      })
  }

  /// The first number in a text; turns are named by theirs.
  private static func number(in text: String) -> String {
    String(text.drop { !$0.isNumber }.prefix(while: \.isNumber))
  }
}

/// How long the upstream itself took over the first sentence of each turn.
final class UpstreamNotes: Sendable {
  private struct Share {
    var told: Duration?
    var sounded: Duration?
  }

  private let shares = Mutex([String: Share]())

  /// The reply has come so far that its first sentence is known.
  func told(_ turn: String, after time: Duration) { shares.withLock { $0[turn, default: Share()].told = time } }

  /// The first sound of a turn's first sentence has gone out.
  func sounded(_ turn: String, after time: Duration) {
    shares.withLock { shares in
      if shares[turn, default: Share()].sounded == nil { shares[turn]?.sounded = time }
    }
  }

  /// What the upstream took of a turn's time to first audio; nil when it was not asked for both.
  func share(of turn: String) -> Duration? {
    shares.withLock { shares in
      guard let share = shares[turn], let told = share.told, let sounded = share.sounded else { return nil }
      return told + sounded
    }
  }
}
