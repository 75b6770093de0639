import NexyCore
import Testing

@testable import NexyProviders

@Suite("A prompt is checked when it is read")
struct PromptParserTests {
  private static let flags: Set<String> = ["whatsapp.enabled"]
  /// What every prompt needs.
  private static let needed = "{{commands}} {{reply_form}}"

  struct Bad: Sendable, CustomTestStringConvertible {
    let text: String
    /// What the message holds: places, names and remedies.
    let parts: [String]

    init(_ text: String, _ parts: String...) {
      self.text = text
      self.parts = parts
    }

    var testDescription: String { text.debugDescription }
  }

  private static let bad = [
    Bad("", "prompt.md: there is nothing in it", "unset ASSISTANT_PROMPT"),
    Bad(" \n\t\r\n\n", "there is nothing in it"),
    Bad("<!-- note: Hi. -->\n<!-- when: json -->\n<!-- end -->", "there is nothing in it"),
    Bad("Hi.", "{{commands}} is missing", "{{reply_form}} is missing", "add it"),
    Bad("Hi {{reply_form}}", "{{commands}} is missing"),
    Bad(
      "a\n<!-- when: jsn -->\nb\n<!-- end -->", "prompt.md, line 2: \"jsn\" is no condition; use ", "json",
      "whatsapp.enabled"),
    Bad("<!-- when: json, features.x -->\nb\n<!-- end -->", "line 1: \"features.x\" is no condition"),
    Bad("<!-- when: -->\nb\n<!-- end -->", "line 1: \"\" is no condition"),
    Bad("<!-- when -->\nb\n<!-- end -->", "line 1: \"\" is no condition"),
    Bad("<!-- when: json, -->\nb\n<!-- end -->", "line 1: \"\" is no condition"),
    Bad("<!-- when: JSON -->\nb\n<!-- end -->", "line 1: \"JSON\" is no condition"),
    Bad("a\n\n<!-- when: json -->\nb\n", "line 3: the section is never closed; add <!-- end -->"),
    Bad(
      "<!-- when: json -->\n<!-- when: tools -->\nb\n<!-- end -->", "line 2: a section begins inside the one of line 1"),
    Bad("a\n<!-- end -->", "line 2: no section is open here"),
    Bad("<!-- when: json -->\nb\n<!-- end -->\n<!-- end -->", "line 4: no section is open here"),
    Bad("a <!-- when: json -->\nb\n<!-- end -->", "line 1: a mark", "a line of its own", "line 3: no section is open"),
    Bad("<!-- when: json --> a", "line 1: a mark"),
    Bad("<!-- when: json\n-->", "line 1: a mark", "line 2: a mark"),
    Bad("<!-->", "line 1: a mark"),
    Bad("<!-- wen: json -->\nb\n<!-- End -->", "line 1: \"wen: json\" is no mark", "line 3: \"End\" is no mark"),
    Bad("<!-- -->", "line 1: \"\" is no mark"),
    Bad("<!-- a note -->", "line 1: \"a note\" is no mark; use when: …, end or note: …"),
    Bad("Hi {{name}}.", "line 1: {{name}} is no placeholder; use {{commands}}, "),
    Bad("a\nb {{}} c", "line 2: {{}} is no placeholder"),
    Bad("{{Commands}}", "line 1: {{Commands}} is no placeholder"),
    Bad("a {{commands\n}}", "line 1: {{ is never closed; add }}"),
    Bad("{{\(String(repeating: "x", count: 500))}}", "{{\(String(repeating: "x", count: 40))…}} is no placeholder"),
  ]

  @Test("what is wrong is named by file and line, with the remedy, all at once", arguments: bad)
  func refuses(example: Bad) throws {
    let error = #expect(throws: NexyError.self) {
      try AssistantPrompt(Array(example.text.utf8), name: "prompt.md", flags: Self.flags)
    }
    #expect(error?.code.rawValue == "bad_prompt")
    let message = error?.message ?? ""
    #expect(message.hasPrefix("prompt.md"))
    for part in example.parts { #expect(message.contains(part), "\(message)") }
  }

  @Test(
    "what is not UTF-8 is named by its line",
    arguments: [([0xFF], 1), (Array("a\nb\n".utf8) + [0xD0], 3), (Array("a\n".utf8) + [0xC0, 0x80, 0x0A, 0x61], 2)]
      as [([UInt8], Int)])
  func refusesBytes(bytes: [UInt8], line: Int) {
    let error = #expect(throws: NexyError.self) { try AssistantPrompt(bytes, name: "prompt.md", flags: []) }
    #expect(error?.message == "prompt.md, line \(line): not UTF-8; save the file as UTF-8.")
  }

  @Test("64 KiB are the limit", arguments: [(65_536, true), (65_537, false)])
  func limitsSize(size: Int, isTaken: Bool) {
    let bytes = Array(Self.needed.utf8) + [UInt8](repeating: 0x61, count: size - Self.needed.utf8.count)
    let prompt = try? AssistantPrompt(bytes, name: "prompt.md", flags: [])
    #expect((prompt != nil) == isTaken)
  }

  @Test("a byte order mark, line ends of another system and blanks around marks do no harm")
  func readsOtherSystems() throws {
    let text =
      "\u{FEFF}One  \r\n\r\n  <!--when:json,whatsapp.enabled-->\r\nTwo {{ commands }}\t\r\n<!--end-->\r\n{{reply_form}}"
    let prompt = try AssistantPrompt(Array(text.utf8), name: "prompt.md", flags: Self.flags)
    #expect(
      prompt.sections == [
        .init(lines: [[.text("One")], []]),
        .init(
          conditions: [.fact(.json), .flag("whatsapp.enabled")], lines: [[.text("Two "), .placeholder(.commands)]]),
        .init(lines: [[.placeholder(.replyForm)]]),
      ])
  }

  @Test("no flag has the name of a fact")
  func keepsNamesApart() {
    #expect(PromptFacts.Condition.allCases.allSatisfy { !$0.rawValue.contains(".") })
  }
}
