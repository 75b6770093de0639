import NexyCore
import NexyTestSupport
import Testing

@testable import NexyVoice

@Suite struct CutIndependenceTests {
  /// English, Russian, JSON, lists, code and emoji.
  static let replies: [String] = [
    "Hello! How can I help you today?",
    "Yes.",
    "no punctuation at all here",
    "Dr. Smith met Mr. Jones at 5 p.m. on Jan. 5th. They talked about version 2.0.0.54 and 192.168.1.1.",
    "Wait... what?! Are you sure?? Yes, I am!!!",
    "It costs $3.50, i.e. €3.20. See https://example.com/a?b=1&c=2. Then write to me@example.com.",
    "1. First item. 2. Second item. 3. Third item.",
    "- milk\n- eggs\n- bread and butter",
    "# Heading\n\nSome **bold text** and _italic text_. A [link](https://example.com) too.",
    "```swift\nlet x = 1\nprint(\"{x}\")\n```\nThat prints x.",
    "She said, \"This is great.\" Then she left. (He stayed.) The end.",
    "U.S. troops left. The U.K. stayed. J. R. R. Tolkien wrote it.",
    "C# and F# are languages. So is C++. Use --flag and snake_case.",
    "Emoji 😀 here. Family 👨‍👩‍👧‍👦 there! Flag 🇺🇸? Done 👍🏽.",
    "Café, naïve, e\u{301}te\u{301}. Größe: 5 °C. 50% off!",
    "A very long sentence, with commas, and more commas, and still more, that goes on and on until it ends.",
    "Short. Shorter. Short again. And then a longer one comes.",
    "Line one\nLine two\n\nParagraph two. Ends here",
    "“Quoted,” he said. ‘Single quotes.’ «French quotes.» Done.",
    "One… two… three. Four.",
    "Привет! Чем я могу помочь?",
    "Сейчас 15 часов 5 минут.",
    "В 1990 г. он родился в г. Москве, на ул. Ленина, д. 5. Потом уехал.",
    "Это стоит 5 тыс. руб. и т. д. А. С. Пушкин написал «Онегина».",
    "Правда?! Да... Не знаю. Ну ладно!",
    "Список:\n1. Молоко\n2. Хлеб\n3. Яйца",
    "Открой https://пример.рф/путь?а=1. Потом напиши.",
    "Температура −5 °C, ветер 3,5 м/с. Тепло!",
    "{\"session_id\":\"x\",\"text\":\"Hello there. How are you?\"}",
    "{\"session_id\":\"x\",\"command\":\"open_app\",\"args\":{\"app_name\":\"Safari\"},\"text\":\"Opening Safari.\"}",
    "{\"text\":\"Escapes: \\\"quoted\\\", tab\\t, line\\nend, \\u00e9, \\ud83d\\ude00. Done.\",\"session_id\":\"y\"}",
    "{\"args\":{\"text\":\"not me\",\"url\":\"https://a.b//c\",\"at\":\"10:30\"},\"text\":\"Me.\",\"command\":\"open_app\"}",
    "```json\n{\"session_id\":\"x\",\"text\":\"Fenced reply. Two sentences.\"}\n```",
    "Sure! {\"session_id\":\"x\",\"command\":\"close_app\",\"args\":{\"app_name\":\"Notes\"},\"text\":\"Closing Notes.\"}",
    "{\"session_id\":\"x\",\"text\":\"Truncated in the mid",
    "{\"session_id\":\"x\",\"text\":\"Malformed. Really\",,,}",
    "{\"session_id\":\"x\",\"text\":\"Привет. Как дела? \\u041e\\u0442\\u043b\\u0438\\u0447\\u043d\\u043e.\"}",
    "{\"session_id\":\"x\",\"command\":\"open_app\",\"args\":{\"app_name\":\"Календарь\"}}",
    "A set is written {1, 2, 3}. A JSON object starts with a brace { and ends with one }.",
    "Mixed: открой Safari, please. Потом закрой Notes. Done!",
  ]

  @Test func `there are forty replies`() {
    #expect(Self.replies.count == 40)
    #expect(Set(Self.replies).count == 40)
  }

  @Test(arguments: replies) func `a thousand random cuts give identical segments`(_ reply: String) {
    let whole = Self.assembled([reply])
    var generator = SplitMix64(seed: UInt64(reply.utf8.count))
    for _ in 0..<1000 {
      let pieces = Self.cut(reply, &generator)
      let assembled = Self.assembled(pieces)
      if assembled != whole {
        Issue.record("cut as \(pieces): \(assembled) instead of \(whole)")
        return
      }
    }
  }

  @Test(arguments: replies) func `random cuts give identical turn events`(_ reply: String) async {
    let whole = await Turn.events(FakeModel(pieces: [reply])).outline
    var generator = SplitMix64(seed: 1 + UInt64(reply.utf8.count))
    for _ in 0..<25 {
      let pieces = Self.cut(reply, &generator)
      let outline = await Turn.events(FakeModel(pieces: pieces)).outline
      #expect(outline == whole, "cut as \(pieces)")
    }
  }

  /// Everything a reply comes to.
  private struct Assembled: Equatable {
    var segments: [Segment]
    var command: ProposedCommand?
    var fault: ReplyReader.Fault?
  }

  private static func assembled(_ pieces: [String]) -> Assembled {
    var assembly = ReplyAssembly(rules: MergeRules(), language: nil)
    var segments = pieces.flatMap { assembly.take(.text($0)) }
    let ending = assembly.end()
    segments += ending.segments
    return Assembled(segments: segments, command: ending.command, fault: ending.fault)
  }

  /// Cuts between Unicode scalars, as a model does, in one to as many pieces as there are scalars.
  private static func cut(_ text: String, _ generator: inout SplitMix64) -> [String] {
    let scalars = Array(text.unicodeScalars)
    let longest = Int.random(in: 1...12, using: &generator)
    var pieces: [String] = []
    var start = 0
    while start < scalars.count {
      let end = min(scalars.count, start + Int.random(in: 1...longest, using: &generator))
      var piece = ""
      piece.unicodeScalars.append(contentsOf: scalars[start..<end])
      pieces.append(piece)
      start = end
    }
    return pieces
  }
}
