import NexyCore
import NexyTestSupport
import Testing

@testable import NexyVoice

@Suite("A sentence has a spoken form")
struct SpeechTextTests {
  @Test("Markdown is not spoken", arguments: SpeechExamples.markdown)
  func markdown(pair: SpeechExamples.Pair) { expect(pair) }

  @Test("what only looks like markup is spoken", arguments: SpeechExamples.kept)
  func kept(text: String) { expect((text, text)) }

  @Test("an address is named", arguments: SpeechExamples.addresses)
  func addresses(pair: SpeechExamples.Pair) { expect(pair) }

  @Test("HTML is not spoken", arguments: SpeechExamples.html)
  func html(pair: SpeechExamples.Pair) { expect(pair) }

  @Test("emoji and invisible characters are not spoken", arguments: SpeechExamples.characters)
  func characters(pair: SpeechExamples.Pair) { expect(pair) }

  @Test("what has nothing to say has no spoken form", arguments: SpeechExamples.silent)
  func silent(text: String) { expect((text, "")) }

  @Test("the language of a link is the one asked for")
  func namesLinksInLanguage() {
    #expect(SpeechText.spoken("Open https://example.com/a", language: .russian) == "Open ссылка example.com")
    #expect(SpeechText.spoken("Откройте https://example.com/a", language: .english) == "Откройте example.com link")
    #expect(SpeechText.spoken("Да: https://long-address.example.com/path") == "Да: ссылка long-address.example.com")
    #expect(SpeechText.spoken("https://example.com") == "example.com link")
  }

  @Test("any mixture of marks has a spoken form that is its own, and keeps its words")
  func settles() {
    var random = SplitMix64(seed: 7)
    for _ in 0..<5_000 {
      let marks = (1...Int.random(in: 1...9, using: &random)).map { _ in
        SpeechExamples.marks[Int.random(in: SpeechExamples.marks.indices, using: &random)]
      }
      let text = marks.joined()
      let spoken = SpeechText.spoken(text)
      let again = SpeechText.spoken(spoken)
      #expect(Array(again.unicodeScalars) == Array(spoken.unicodeScalars), "\(text.debugDescription)")
      if text.contains("слово"), !SpeechExamples.unspoken.contains(where: text.contains) {
        #expect(spoken.contains("слово"), "\(text.debugDescription)")
      }
    }
  }

  private func expect(_ pair: SpeechExamples.Pair, sourceLocation: SourceLocation = #_sourceLocation) {
    let spoken = SpeechText.spoken(pair.seen)
    // Scalar by scalar: equal strings may differ in how their accents are composed.
    #expect(
      Array(spoken.unicodeScalars) == Array(pair.heard.unicodeScalars), "\(spoken.debugDescription)",
      sourceLocation: sourceLocation)
    #expect(SpeechText.spoken(spoken) == spoken, sourceLocation: sourceLocation)
  }
}
