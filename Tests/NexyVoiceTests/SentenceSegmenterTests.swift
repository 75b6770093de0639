import NexyTestSupport
import Testing

@testable import NexyVoice

@Suite struct SentenceSegmenterTests {
  @Test(arguments: GoldenRules.english + GoldenRules.newlinesAndGlue)
  func aGoldenRuleHoldsForTheWholeText(rule: SegmentationCase) {
    #expect(SentenceSegmenter.sentences(of: rule.text) == rule.sentences)
  }

  @Test(arguments: GoldenRules.english + GoldenRules.newlinesAndGlue)
  func aGoldenRuleHoldsByteByByte(rule: SegmentationCase) {
    #expect(trimmed(pieces(of: rule.text) { 1 }) == rule.sentences)
  }

  @Test(arguments: SentenceTables.english)
  func englishIsCutIntoItsSentences(sentences: [String]) {
    #expect(SentenceSegmenter.sentences(of: sentences.joined(separator: " ")) == sentences)
  }

  @Test(arguments: SentenceTables.russian)
  func russianIsCutIntoItsSentences(sentences: [String]) {
    #expect(SentenceSegmenter.sentences(of: sentences.joined(separator: " ")) == sentences)
  }

  @Test(arguments: SentenceTables.lines)
  func linesAreCutIntoTheirSentences(lines: SegmentationCase) {
    #expect(SentenceSegmenter.sentences(of: lines.text) == lines.sentences)
  }

  @Test(arguments: streams)
  func sentencesDoNotDependOnWhereTheStreamIsCut(text: String) {
    let whole = pieces(of: text) { .max }
    #expect(pieces(of: text) { 1 } == whole)
    var random = SplitMix64(seed: UInt64(text.utf8.count))
    for longest in [2, 3, 5, 9, 17, 40, 200] {
      for _ in 0..<4 {
        #expect(pieces(of: text) { Int.random(in: 1...longest, using: &random) } == whole)
      }
    }
  }

  @Test(arguments: streams)
  func nothingIsLost(text: String) {
    let joined = pieces(of: text) { 7 }.joined()
    #expect(text.hasPrefix(joined))
    let rest = text.unicodeScalars.dropFirst(joined.unicodeScalars.count)
    #expect(rest.allSatisfy { $0.properties.isWhitespace })
  }
}

/// When a sentence goes out.
@Suite struct SentenceLatencyTests {
  @Test(arguments: [
    "Hello there. ", "Hello there.\n", "Is it late? ", "It is late! ", "Really?! ", "Hello! ", "Привет! ",
    "She has $100.00. ", "It is C#. ",
    "Привет, мир. ", "Как дела? ", "Открой main.py. ", "See https://a.com/x?y=1. ", "你好。你",
  ])
  func aFinishedSentenceDoesNotWaitForTheNextWord(text: String) {
    var segmenter = SentenceSegmenter()
    #expect(segmenter.feed(text.utf8).map(SentenceSegmenter.onOneLine) == [String(text.dropLast())])
  }

  @Test(arguments: [
    "Hello there.", "Wait..", "I met Dr. ", "It is 5 p.m. ", "in the U.S. ", "A. ", "It costs 3. ", "Yahoo! ",
    "She said, \"Go.\" ", "Hm... ", "Apples, etc. ", "1. ", "Это было в 1990 г. ", "и т. ", "Hello wor",
  ])
  func anAmbiguousSentenceWaits(text: String) {
    var segmenter = SentenceSegmenter()
    #expect(segmenter.feed(text.utf8) == [])
  }

  @Test(arguments: [
    ("It costs 3.", ["It costs 3."]), ("I met Dr.", []), ("Hi. I met Dr.", ["Hi."]),
    ("Hi. It is 5 p.m. ", ["Hi.", " It is 5 p.m."]),
    ("She said, \"Go.\"", ["She said, \"Go.\""]), ("Ну…", ["Ну…"]), ("Да!", ["Да!"]), ("Great!😀", ["Great!😀"]),
    ("Hello there", []), ("Hi. Hello there", ["Hi."]), ("1.", []), ("Hi. 1. ", ["Hi."]), ("...", []), ("", []),
    ("He lives in the U.S. Gov", []),
  ])
  func aPauseLetsGoWhatEndsInATerminator(text: String, expected: [String]) {
    var segmenter = SentenceSegmenter()
    #expect(segmenter.feed(text.utf8) + segmenter.stall() == expected)
  }

  @Test func aQuotationDelaysNoSentenceThatIsWorthSaying() {
    var segmenter = SentenceSegmenter()
    #expect(segmenter.feed("\"Hello there. H".utf8) == ["\"Hello there."])
    segmenter = SentenceSegmenter()
    #expect(segmenter.feed("\"Wait. I do".utf8) == [])
    #expect(segmenter.feed(" not know when he is coming.".utf8) == ["\"Wait."])
  }

  @Test func whatFollowsAPauseIsASentenceOfItsOwn() {
    var segmenter = SentenceSegmenter()
    #expect(segmenter.feed("It costs 3.".utf8) + segmenter.stall() == ["It costs 3."])
    #expect(segmenter.feed(" Buy it. Now".utf8) == [" Buy it."])
    #expect(segmenter.stall() == [])
    #expect(segmenter.finish() == [" Now"])
    #expect(segmenter.finish() == [])
  }

  @Test func aPauseWithinACharacterKeepsIt() {
    var segmenter = SentenceSegmenter()
    let bytes = Array("Да.😀".utf8)
    #expect(segmenter.feed(bytes.dropLast(2)) == [])
    #expect(segmenter.stall() == [])
    #expect(segmenter.feed(bytes.suffix(2)) == [])
    #expect(segmenter.stall() == ["Да.😀"])
  }
}

/// What a text without an end costs.
@Suite struct SentenceBoundTests {
  @Test(arguments: [
    "word ", "слово ", "nospaces", "безпробелов", "          ", ".", "?", "\"", "(a ", "и т. ", "1. ",
    "x....................................", "Ё?!\"\"\"\"\"\"\"\"\"x",
  ])
  func aSentenceIsAtMostFourThousandBytesLong(unit: String) {
    let text = String(repeating: unit, count: 40_000 / unit.utf8.count)
    let whole = pieces(of: text) { .max }
    #expect(whole.allSatisfy { $0.utf8.count <= SentenceSegmenter.longestSentence })
    #expect(text.hasPrefix(whole.joined()))
    #expect(!whole.joined().contains("\u{FFFD}"))
    #expect(pieces(of: text) { 61 } == whole)
  }

  @Test func aLongSentenceIsCutAtWhiteSpace() {
    let first = pieces(of: String(repeating: "слово ", count: 1000)) { .max }[0]
    #expect(first.hasSuffix("слово"))
    #expect(first.utf8.count > SentenceSegmenter.longestSentence - 16)
  }

  @Test(arguments: [
    ("word ", 1_000_000), ("nospaces", 1_000_000), ("Hello. ", 200_000), (". ", 200_000), ("...", 200_000),
    ("Dr. ", 200_000), ("  ", 200_000), ("Привет! ", 200_000), ("x\n ", 200_000), ("a.\"\"\" ", 200_000),
  ])
  func timeIsLinear(unit: String, bytes: Int) {
    let text = String(repeating: unit, count: bytes / unit.utf8.count)
    let start = String(repeating: unit, count: 100_000 / unit.utf8.count)
    // Far above what it takes, far below what one more look at the whole text for each byte would.
    #expect(ContinuousClock().measure { _ = pieces(of: text) { .max } } < .seconds(20))
    #expect(ContinuousClock().measure { _ = pieces(of: start) { 1 } } < .seconds(20))
  }

  @Test func bytesThatAreNoTextPassThrough() {
    var segmenter = SentenceSegmenter()
    #expect(segmenter.feed([0xFF, 0x41, 0xC3] + Array(". B".utf8)) == ["\u{FFFD}A\u{FFFD}."])
    #expect(segmenter.finish() == [" B"])
  }
}

/// Varied texts: every table, whole paragraphs of them, and what a model may send besides.
private let streams: [String] = {
  let both: [[String]] = SentenceTables.english + SentenceTables.russian
  let paragraphs: [String] = [
    SentenceTables.english.joined().joined(separator: " "),
    SentenceTables.russian.joined().joined(separator: " "),
    both.joined().joined(separator: "\n"),
    GoldenRules.english.map(\.text).joined(separator: "\n\n"),
    String(repeating: "and so on and on, ", count: 700) + "Dr. Who. Yes",
  ]
  let oddities: [String] = [
    "```swift\nlet x = a.b(c: 1.5) ? .some(\"y.\") : nil // e.g. this\n```\nThat is it. Ok?",
    "👩🏽‍💻 Hi! 👍🏽 Done.✅ Next… 🇷🇺 Привет!😀 Ok",
    "https://a.b/?q=1.2&z=«й»... www.x.y! a@b.c. | a | b. |\n| - | - |\n> Quote. “Yes?” ‘No.’ ",
    "е\u{301}го. Cafe\u{301}. A\u{300}. B 1.\u{A0}2.\u{2028}x\r\ny.\r\n\r\nz",
  ]
  return GoldenRules.english.map(\.text) + SentenceTables.lines.map(\.text) + paragraphs + oddities
}()

/// What the segmenter returns for a text that comes in pieces of so many bytes.
private func pieces(of text: String, _ count: () -> Int) -> [String] {
  var segmenter = SentenceSegmenter()
  var sentences: [String] = []
  var bytes = Array(text.utf8)[...]
  while !bytes.isEmpty {
    let piece = bytes.prefix(count())
    sentences += segmenter.feed(piece)
    bytes = bytes[piece.endIndex...]
  }
  return sentences + segmenter.finish()
}

private func trimmed(_ sentences: [String]) -> [String] {
  sentences.map(SentenceSegmenter.onOneLine).filter { !$0.isEmpty }
}
