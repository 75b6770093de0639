import NexyVoice
import Testing

@testable import NexyProviders

@Suite struct TextShorteningTests {
  @Test(arguments: [
    ("short", 5, "short"),
    ("", 0, ""),
    ("One two three four.", 16, "One two…"),
    ("One two. Three four five six.", 16, "One two. …"),
    // A sentence that ends early would waste too much.
    ("Hi. This sentence goes on for a while.", 30, "Hi. This sentence goes on…"),
    ("abcdefghijkl", 10, "abcdef…"),
    ("Привет всем друзьям", 24, "Привет…"),
    ("Готово. Открываю браузер.", 24, "Готово. …"),
    ("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 40, "👩‍👩‍👧‍👦…"),
    ("abcdef", 4, ""),
    ("line one\nline two\nline three", 22, "line one\nline two…"),
  ])
  func `a text ends with a sentence, else a word, else a character`(text: String, limit: Int, short: String) {
    let found = text.shortened(toBytes: limit)
    #expect(found == short)
    #expect(found.utf8.count <= limit)
  }

  @Test(arguments: 0...60) func `a shortened text never has more bytes than it may`(limit: Int) {
    let text = "Ещё раз: the quick brown fox… jumps! 👩‍👩‍👧‍👦 Over the lazy dog. Again"
    let short = text.shortened(toBytes: limit)
    #expect(short.utf8.count <= limit)
    #expect(text.hasPrefix(short.dropLast()))
  }

  @Test(arguments: [
    (10, 10, 10, 10), (100, 10, 90, 10), (10, 200, 10, 90), (200, 200, 50, 50), (60, 60, 50, 50),
  ])
  func `a prompt leaves half of the room to the answer`(prompt: Int, answer: Int, kept: Int, keptAnswer: Int) {
    let exchange = Exchange(prompt: .init(repeating: "p", count: prompt), answer: .init(repeating: "a", count: answer))
    let short = exchange.shortened(toBytes: 100)
    #expect(short.prompt.utf8.count <= kept)
    #expect(short.answer.utf8.count <= 100 - short.prompt.utf8.count)
    #expect(short.prompt.utf8.count >= kept - 5)
    #expect(short.answer.utf8.count >= keptAnswer - 5)
  }
}
