import NexyCore
import NexyTestSupport
import Testing

@testable import NexyVoice

@Suite("A reply is read while it streams")
struct ReplyReaderTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let reply: String
    let text: String
    var command: ProposedCommand?
    var fault: ReplyReader.Fault?

    init(
      _ reply: String, says text: String, command: ProposedCommand? = nil, fault: ReplyReader.Fault? = nil
    ) {
      self.reply = reply
      self.text = text
      self.command = command
      self.fault = fault
    }

    var testDescription: String { reply.debugDescription }
  }

  @Test("says the text and keeps the command", arguments: examples)
  func reads(example: Case) {
    let ending = read([Array(example.reply.utf8)])
    #expect(String(decoding: ending.text, as: UTF8.self) == example.text)
    #expect(ending.command == example.command)
    #expect(ending.fault == example.fault)
  }

  @Test("does not depend on how the reply is cut", arguments: examples)
  func cuts(example: Case) {
    let bytes = Array(example.reply.utf8)
    let whole = read([bytes])
    #expect(read(bytes.map { [$0] }) == whole)
    var random = SplitMix64(seed: UInt64(bytes.count))
    for _ in 0..<50 {
      #expect(read(cut(bytes, with: &random)) == whole)
    }
  }

  @Test("does not depend on how any mixture of marks is cut")
  func cutsMixtures() {
    var random = SplitMix64(seed: 11)
    for _ in 0..<5_000 {
      let marks = (1...Int.random(in: 1...14, using: &random)).map { _ in
        ReplyReaderTests.marks[Int.random(in: ReplyReaderTests.marks.indices, using: &random)]
      }
      let bytes = Array(marks.joined().utf8)
      let whole = read([bytes], limit: 40)
      #expect(read(bytes.map { [$0] }, limit: 40) == whole, "\(marks.joined().debugDescription)")
      #expect(read(cut(bytes, with: &random), limit: 40) == whole, "\(marks.joined().debugDescription)")
    }
  }

  @Test("says no more than the true text, wherever the reply breaks off", arguments: truncated)
  func truncates(reply: String) {
    let bytes = Array(reply.utf8)
    let whole = read([bytes])
    for end in 0..<bytes.count {
      let ending = read([Array(bytes[..<end])])
      #expect(whole.text.starts(with: ending.text), "\(reply.debugDescription) cut after \(end) bytes")
      #expect(ending.command == nil || ending.command == whole.command)
      #expect(ending.text.allSatisfy { !"{}[]\"`".utf8.contains($0) })
    }
  }

  @Test("keeps the command of an object that lacks nothing but its last bracket")
  func closes() {
    let command = ProposedCommand(name: "open_app", arguments: ["app_name": "Safari"])
    let whole = #"{"command":"open_app","args":{"app_name":"Safari"},"text":"Opening."}"#
    for end in whole.utf8.indices {
      let ending = read([Array(whole.utf8[..<end])])
      let isLast = whole.utf8.index(after: end) == whole.utf8.endIndex
      #expect(ending.command == (isLast ? command : nil))
      #expect(ending.fault == (end == whole.utf8.startIndex ? nil : .truncated))
    }
  }

  @Test("says the text while its string is still open")
  func streams() {
    var reader = ReplyReader()
    #expect(reader.feed(Array(#"{"session_id":"1","te"#.utf8)).isEmpty)
    #expect(reader.feed(Array(#"xt":"Hel"#.utf8)) == Array("Hel".utf8))
    #expect(reader.feed(Array(#"lo \ud83d"#.utf8)) == Array("lo ".utf8))
    #expect(reader.feed(Array(#"\ude00"#.utf8)) == Array("😀".utf8))
    #expect(reader.feed(Array(#"!"}"#.utf8)) == Array("!".utf8))
    #expect(reader.finish() == ReplyReader.Ending())
  }

  @Test("says plain text at once")
  func passesPlainText() {
    var reader = ReplyReader()
    let said = ["H", "i ", "there. ", "A set is {", "x", "}", " ", "и", "«так»"].map {
      String(decoding: reader.feed(Array($0.utf8)), as: UTF8.self)
    }
    #expect(said == ["H", "i ", "there. ", "A set is ", "{x", "}", " ", "и", "«так»"])
  }

  @Test(
    "repairs what is not UTF-8 as the standard library does",
    arguments: [
      [0x41, 0xFF, 0x42], [0x41, 0xE2, 0x82, 0x42], [0xC0, 0x80, 0x43], [0xED, 0xA0, 0x80, 0x44],
      [0xF0, 0x9F, 0x98, 0x80, 0xF0, 0x9F, 0x45], [0x80, 0x80, 0x46], [0xF4, 0x90, 0x80, 0x80, 0x47],
      Array("{\"text\":\"a".utf8) + [0xE2, 0x82] + Array("\"}".utf8),
    ] as [[UInt8]])
  func repairs(bytes: [UInt8]) {
    let expected = String(decoding: bytes, as: UTF8.self)
    let said = String(decoding: read([bytes]).text, as: UTF8.self)
    #expect(expected.hasPrefix("{") ? said == "a\u{FFFD}" : said == expected)
    #expect(read(bytes.map { [$0] }) == read([bytes]))
  }

  @Test("drops a character that was cut in half at the end")
  func dropsHalfCharacter() {
    #expect(read([Array("Привет".utf8.dropLast())]).text == Array("Приве".utf8))
  }

  @Test("says the text of an object beyond the limit, without its command")
  func limits() {
    let text = String(repeating: "A long story. ", count: 100)
    let reply = #"{"command":"open_app","args":{"app_name":"Safari"},"text":"\#(text)"}"#
    let tooLong = read([Array(reply.utf8)], limit: 1000)
    #expect(tooLong == .init(text: Array(text.utf8), command: nil, fault: .tooLong))
    let fitting = read([Array(reply.utf8)], limit: reply.utf8.count)
    #expect(fitting.command?.name == "open_app")
    #expect(fitting.fault == nil)
    let other = #"{"note":"\#(text)","text":"Hi","other":[1,{"\#(text)":true}],"command":"x"} Bye"#
    #expect(read([Array(other.utf8)], limit: 100) == .init(text: Array("Hi Bye".utf8), fault: .tooLong))
  }

  @Test("gives up on an object nested too deeply to be a reply")
  func limitsDepth() {
    let nested = String(repeating: "[", count: 1000) + String(repeating: "]", count: 1000)
    let reply = #"{"text":"Hi","args":\#(nested)}"# + "\nBye"
    #expect(read([Array(reply.utf8)]) == .init(text: Array("Hi\nBye".utf8), fault: .malformed))
  }
}

// MARK: Reading in pieces

/// Reads a reply cut in pieces; the ending's text is all that was said.
private func read(_ pieces: [[UInt8]], limit: Int = 262_144) -> ReplyReader.Ending {
  var reader = ReplyReader(limit: limit)
  var said: [UInt8] = []
  for piece in pieces { said += reader.feed(piece) }
  var ending = reader.finish()
  ending.text = said + ending.text
  return ending
}

private func cut(_ bytes: [UInt8], with random: inout SplitMix64) -> [[UInt8]] {
  var pieces: [[UInt8]] = []
  var rest = bytes[...]
  while !rest.isEmpty {
    let piece = rest.prefix(Int.random(in: 0...7, using: &random))
    pieces.append(Array(piece))
    rest = rest.dropFirst(piece.count)
  }
  return pieces
}
