import Foundation
import NexyWire
import Testing

@testable import NexyChecks

@Suite("What became of a turn")
struct TurnOutcomeTests {
  private static var sound: HeardReply.Item {
    var chunk = Streaming_AudioChunk()
    chunk.audioData = Data((0..<200).flatMap { [UInt8(0), $0 % 50 < 25 ? UInt8(20) : 236] })
    (chunk.sampleRate, chunk.channels, chunk.dtype) = (48_000, 1, "int16")
    return .audio(HeardSound(chunk))
  }

  private static func reply(_ texts: [String], end: HeardReply.Item?, _ status: String = "OK") -> HeardReply {
    var reply = HeardReply(items: texts.flatMap { [.text($0), sound] } + [end].compactMap(\.self), status: status)
    if case .error(let text) = end { reply.message = text }
    return reply
  }

  private static let first = FakeProvider.sentences[0]
  private static let rows: [(String, HeardReply, TurnOutcome?)] = [
    ("whole", reply(FakeProvider.sentences, end: .end("")), .answered),
    ("another's", reply(["It is noon."], end: .end("")), .replaced),
    ("apology", reply([first, TurnOutcome.apology], end: .error("x"), "UNAVAILABLE"), .brokenOff),
    ("nothing but an apology", reply([TurnOutcome.apology], end: .error("x"), "UNAVAILABLE"), nil),
    ("half a sentence", reply(["This is the", TurnOutcome.apology], end: .error("x"), "UNAVAILABLE"), nil),
    ("cut", reply([first], end: .error("x"), "UNAVAILABLE"), .refused),
    ("refused", reply([], end: .error("x"), "UNAVAILABLE"), .refused),
    ("torn", reply([first], end: nil, "UNAVAILABLE"), .torn),
    ("half taken for whole", reply([first], end: .end("")), nil),
    ("a lie taken for an answer", reply(["Welcome, \(ProviderLie.mark)"], end: .end("")), nil),
    ("empty", reply([], end: .end("")), nil),
    ("two ends", reply(FakeProvider.sentences + ["So."], end: .error("x")), nil),
    ("too late", reply([first], end: .error("x"), "DEADLINE_EXCEEDED"), nil),
    ("no end", HeardReply(status: "no end"), nil),
  ]

  @Test("is told from what was heard", arguments: 0..<rows.count)
  func outcome(_ row: Int) {
    let (name, reply, expected) = Self.rows[row]
    let outcome = TurnOutcome(reply)
    if let expected {
      #expect(outcome == expected, "\(name)")
    } else {
      guard case .wrong = outcome else {
        Issue.record("\(name) is \(outcome)")
        return
      }
    }
  }
}
