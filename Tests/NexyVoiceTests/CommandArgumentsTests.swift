import NexyCore
import Testing

@testable import NexyVoice

@Suite("Arguments are checked and normalised in what is sent")
struct CommandArgumentsTests {
  private static let session = SessionID("3f2b8c1e-8f60-4a9b-9d55-0c2a3b4d5e6f")!
  private static let policy = CommandPolicy(features: Set(CommandPolicy.Feature.allCases))

  private static func check(
    _ name: String, _ arguments: JSONValue
  ) -> Result<[String: JSONValue], CommandPolicy.Refusal> {
    policy.check(ProposedCommand(name: name, arguments: arguments), session: session).map(\.arguments)
  }

  struct Sent: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let command: String
    let arguments: JSONValue
    let sent: [String: JSONValue]

    init(_ what: String, _ command: String, _ arguments: JSONValue, _ sent: [String: JSONValue]) {
      testDescription = what
      self.command = command
      self.arguments = arguments
      self.sent = sent
    }
  }

  private static let normalised = [
    Sent("blanks", "open_app", ["app_name": "\t Visual Studio Code \n"], ["app_name": "Visual Studio Code"]),
    Sent("a bundle", "open_app", ["app_name": "Safari.app"], ["app_name": "Safari"]),
    Sent("a bundle in capitals", "close_app", ["app_name": "Safari.APP "], ["app_name": "Safari"]),
    Sent("a bundle of a bundle", "open_app", ["app_name": "Safari .app.app"], ["app_name": "Safari"]),
    Sent("a dot that is no ending", "open_app", ["app_name": "what.apple"], ["app_name": "what.apple"]),
    Sent("a line break in a name", "open_app", ["app_name": "App\nStore"], ["app_name": "App Store"]),
    Sent("control characters", "open_app", ["app_name": "Sa\u{0}fa\u{7F}ri\u{9B}"], ["app_name": "Safari"]),
    Sent("Cyrillic", "open_app", ["app_name": " Яндекс Музыка"], ["app_name": "Яндекс Музыка"]),
    Sent(
      "lines of a message", "send_message", ["contact": "Анна", "message": "Hi\r\nAnna\u{1B} 👩‍🚀"],
      ["contact": "Анна", "message": "Hi\nAnna 👩‍🚀"]),
    Sent(
      "numbers for text", "send_whatsapp_message", ["contact": 79_161_234_567, "message": 5],
      ["contact": "79161234567", "message": "5"]),
    Sent(
      "other scalars for text", "send_message", ["contact": .number(12.0), "message": true],
      ["contact": "12", "message": "true"]),
    Sent("a fraction for text", "browser_use", ["task": .number(1.5)], ["task": "1.5"]),
    Sent("an empty optional", "read_whatsapp_messages", ["contact": "  "], [:]),
    Sent("null", "read_messages", ["contact": .null, "limit": .null, "other": .null], ["other": .null]),
    Sent("no arguments at all", "read_messages", .null, [:]),
    Sent("a count", "read_messages", ["limit": 3], ["limit": "3"]),
    Sent("a count as text", "read_messages", ["limit": " 03 "], ["limit": "3"]),
    Sent("a count with a fraction of zero", "read_messages", ["limit": .number(3.0)], ["limit": "3"]),
    Sent("no count that a client could read", "read_messages", ["limit": "three"], [:]),
    Sent("too large a count", "read_messages", ["limit": 1000], [:]),
    Sent("a count below one", "read_messages", ["limit": -1], [:]),
    Sent(
      "the preset of the browser", "browser_use", ["task": "Find a flight ", "config_preset": " fast"],
      ["task": "Find a flight", "config_preset": "fast"]),
    Sent(
      "what the table does not know", "open_app",
      ["app_name": "Maps", "zoom": 3, "near": [" a\u{0}", "b"], "on": true, "note": " x "],
      ["app_name": "Maps", "zoom": 3, "near": ["a", "b"], "on": true, "note": "x"]),
    Sent(
      "what the table does not name, in its own form", "open_app",
      ["app_name": "Maps", "at": ["city": "Oslo", "points": [1, .null]]],
      ["app_name": "Maps", "at": ["city": "Oslo", "points": [1, .null]]]),
    Sent("what it takes nothing of", "close_browser", ["task": "x", "deep": ["a": ["b": 1]]], [:]),
    Sent("null for what takes nothing", "close_browser", .null, [:]),
  ]

  @Test("a value is brought into its form", arguments: normalised)
  func normalises(example: Sent) {
    #expect(Self.check(example.command, example.arguments) == .success(example.sent))
  }

  @Test("what was sent passes a second check unchanged", arguments: normalised)
  func isStable(example: Sent) {
    #expect(Self.check(example.command, .object(example.sent)) == .success(example.sent))
  }

  private static let long = JSONValue.string(String(repeating: "я", count: 4097))
  private static let many = Dictionary(uniqueKeysWithValues: (0..<17).map { ("a\($0)", JSONValue.integer(1)) })

  @Test(
    "what cannot be brought into its form is refused",
    arguments: [
      ("open_app", ["app_name": 5], .missingArgument(command: "open_app", argument: "app_name")),
      ("open_app", ["app_name": true], .missingArgument(command: "open_app", argument: "app_name")),
      ("open_app", ["app_name": ".app"], .missingArgument(command: "open_app", argument: "app_name")),
      ("open_app", ["app_name": "\u{0}\u{1}"], .missingArgument(command: "open_app", argument: "app_name")),
      ("open_app", ["app_name": ["Safari"]], .argumentNotText(command: "open_app", argument: "app_name")),
      ("open_app", ["app_name": ["name": "Safari"]], .argumentNotText(command: "open_app", argument: "app_name")),
      (
        "open_app", ["app_name": "A", "x": [[[[[["y"]]]]]]], .argumentTooLong(command: "open_app", argument: "x")
      ),
      (
        "open_app", ["app_name": .string(String(repeating: "a", count: 256))],
        .argumentTooLong(command: "open_app", argument: "app_name")
      ),
      (
        "open_app", ["app_name": .string(String(repeating: ".app", count: 65_536))],
        .argumentTooLong(command: "open_app", argument: "app_name")
      ),
      (
        "send_message", ["contact": "Anna", "message": long],
        .argumentTooLong(command: "send_message", argument: "message")
      ),
      ("read_messages", ["other": long], .argumentTooLong(command: "read_messages", argument: "other")),
      ("read_messages", ["other": [long]], .argumentTooLong(command: "read_messages", argument: "other")),
      (
        "read_messages", ["other": .array(Array(repeating: 1, count: 17))],
        .argumentTooLong(command: "read_messages", argument: "other")
      ),
      (
        "read_messages", .object([String(repeating: "k", count: 65): 1]),
        .argumentTooLong(command: "read_messages", argument: String(repeating: "k", count: 65))
      ),
      ("read_messages", .object(many), .tooManyArguments("read_messages")),
      ("read_messages", "Anna", .argumentsNotObject("read_messages")),
      ("close_browser", ["x"], .argumentsNotObject("close_browser")),
      (
        "send_whatsapp_message", ["contact": "Anna"],
        .missingArgument(command: "send_whatsapp_message", argument: "message")
      ),
      ("browser_use", ["url": "https://a.b"], .missingArgument(command: "browser_use", argument: "task")),
    ] as [(String, JSONValue, CommandPolicy.Refusal)])
  func refuses(command: String, arguments: JSONValue, refusal: CommandPolicy.Refusal) {
    #expect(Self.check(command, arguments) == .failure(refusal))
  }

  @Test("the longest values that are allowed are sent whole")
  func takesLongValues() {
    let name = JSONValue.string(String(repeating: "a", count: 255))
    #expect(Self.check("open_app", ["app_name": name]) == .success(["app_name": name]))
    let words = JSONValue.string(String(repeating: "я", count: 4096))
    #expect(Self.check("send_message", ["message": words]) == .success(["message": words]))
  }

  @Test(
    "the log shows of a model's own names no more than plain words",
    arguments: [
      (CommandPolicy.Refusal.notAllowed("format_disk"), "format_disk is not an allowed command"),
      (.notAllowed("open_bank_account_4276"), "something is not an allowed command"),
      (.notAllowed("скажи_анне"), "something is not an allowed command"),
      (.notAllowed(""), "something is not an allowed command"),
      (.argumentNotText(command: "open_app", argument: "my pin is 1234"), "something of open_app is not text"),
      (.argumentTooLong(command: "open_app", argument: "app_name"), "app_name of open_app is too long"),
    ])
  func describes(refusal: CommandPolicy.Refusal, description: String) {
    #expect("\(refusal)" == description)
  }
}
