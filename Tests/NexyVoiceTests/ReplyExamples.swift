import NexyCore

@testable import NexyVoice

extension ReplyReaderTests {
  static let examples = plain + objects + wrapped + disguised + layered + broken

  static let plain: [Case] = [
    Case("", says: ""),
    Case("  \n", says: ""),
    Case("Hello.", says: "Hello."),
    Case("\n\nHello, world. How are you?", says: "Hello, world. How are you?"),
    Case("Привет! Сейчас 10:30.", says: "Привет! Сейчас 10:30."),
    Case("👩‍👩‍👧 family 🇷🇺 flag", says: "👩‍👩‍👧 family 🇷🇺 flag"),
    Case("{x} is a set", says: "{x} is a set"),
    Case(#"{"a", "b"} is a set of two."#, says: #"{"a", "b"} is a set of two."#),
    Case("{text} is a placeholder", says: "{text} is a placeholder"),
    Case("a JSON object starts with {", says: "a JSON object starts with {"),
    Case("Braces: {} and { } and {{}}.", says: "Braces: {} and { } and {{}}."),
    Case(#"He typed {"hello"} twice."#, says: #"He typed {"hello"} twice."#),
    Case("In Swift, func f() { return 1 } is a function.", says: "In Swift, func f() { return 1 } is a function."),
    Case("func f() { return 1 }", says: "func f() { return 1 }"),
    Case("```swift\nfunc f() { return 1 }\n```", says: "```swift\nfunc f() { return 1 }\n```"),
    Case("```\nlet x = { 1 }\n```\nDone.", says: "```\nlet x = { 1 }\n```\nDone."),
    Case(
      "Like this:\n```python\nd = {\"text\": \"hi\"}\n```\nThat is all.",
      says: "Like this:\n```python\nd = {\"text\": \"hi\"}\n```\nThat is all."),
    Case("Use ``` to open a fence, ` for code.", says: "Use ``` to open a fence, ` for code."),
    Case("JSON stands for something.", says: "JSON stands for something."),
    Case("json", says: "json"),
    Case("Just do it.", says: "Just do it."),
    Case("[1] is the source.", says: "[1] is the source."),
    Case("[note] Read this.", says: "[note] Read this."),
    Case("[Example](https://example.com) is a link.", says: "[Example](https://example.com) is a link."),
    Case("[ ] buy milk", says: "[ ] buy milk"),
    Case("- one\n- two\n\n1. three", says: "- one\n- two\n\n1. three"),
    Case("Мне нравится {x}, а не {y}.", says: "Мне нравится {x}, а не {y}."),
    Case("See https://a.b/c?d={e}&f=//g /* h */.", says: "See https://a.b/c?d={e}&f=//g /* h */."),
    Case(
      "It's \"{quoted}\" '{x}' {y: 1} [a] ~5 ~~old~~ `{z}` <3.",
      says: "It's \"{quoted}\" '{x}' {y: 1} [a] ~5 ~~old~~ `{z}` <3."),
    Case("<b>bold</b> and a < b", says: "<b>bold</b> and a < b"),
    Case("// just text\nhere", says: "// just text\nhere"),
    Case("\"Hello\", she said: \"x\"", says: "\"Hello\", she said: \"x\""),
    Case("```swift\n[1, 2].map { $0 }\n```\nDone.", says: "```swift\n[1, 2].map { $0 }\n```\nDone."),
    Case("```swift\n{ x in 1 }()\n```", says: "```swift\n{ x in 1 }()\n```"),
    Case("```\ncode\n```\n[1, 2] are two.", says: "```\ncode\n```\n[1, 2] are two."),
    Case("```json\nHello there.\n```", says: "```json\nHello there.\n```"),
    Case("```swift", says: ""),
  ]

  static let objects: [Case] = [
    Case(#"{"session_id":"1","text":"Hello."}"#, says: "Hello."),
    Case(#"{"text":"Сначала текст.","session_id":"1"}"#, says: "Сначала текст."),
    Case("  {\n  \"session_id\" : \"1\",\n  \"text\" : \"Hello.\"\n}\n", says: "Hello."),
    Case(
      #"{"session_id":"1","command":"open_app","args":{"app_name":"Safari"},"text":"Opening Safari."}"#,
      says: "Opening Safari.", command: .init(name: "open_app", arguments: ["app_name": "Safari"])),
    Case(
      #"{"text":"Открываю.","args":{"app_name":"Заметки"},"command":"open_app"}"#,
      says: "Открываю.", command: .init(name: "open_app", arguments: ["app_name": "Заметки"])),
    Case(
      #"{"command":"close_browser","text":""}"#, says: "", command: .init(name: "close_browser", arguments: [:])),
    Case(#"{"command":"x","args":null}"#, says: "", command: .init(name: "x", arguments: .null)),
    Case(
      #"{"command":"x","args":[1,-2.5,true]}"#, says: "",
      command: .init(name: "x", arguments: [1, .number(-2.5), true])),
    Case(#"{"command":7,"text":"Seven."}"#, says: "Seven."),
    Case(#"{"command":"","text":"None."}"#, says: "None."),
    Case(
      #"{"command":"browser_use","args":{"task":"open https://a.b//c, 10:30, /* {x} */ \"text\":\"x\""},"text":"OK"}"#,
      says: "OK",
      command: .init(
        name: "browser_use", arguments: ["task": #"open https://a.b//c, 10:30, /* {x} */ "text":"x""#])),
    Case(
      #"{"text":"See https://a.b/c?d={e}, [f] // g /* h */ 10:30"}"#,
      says: "See https://a.b/c?d={e}, [f] // g /* h */ 10:30"),
    Case(
      #"{"command":"send_message","args":{"text":"inner"},"text":"outer"}"#,
      says: "outer", command: .init(name: "send_message", arguments: ["text": "inner"])),
    Case(#"{"args":{"text":"inner"},"other":[{"text":"deep"}]}"#, says: ""),
    Case(#"{"text":["inner"],"note":"text"}"#, says: ""),
    Case(#"{"note":"\"text\":\"inner\"","text":"outer"}"#, says: "outer"),
    Case(#"{"text":"first","text":"second"}"#, says: "first"),
    Case(#"{"text":null}"#, says: ""),
    Case(#"{"text":42}"#, says: ""),
    Case(#"{"text":{"text":"inner"}}"#, says: ""),
    Case(#"{"text":null,"text":"second"}"#, says: "second"),
    Case(#"{"name":"Ann","age":3}"#, says: ""),
    Case("{}", says: ""),
    Case("{ }\n", says: ""),
    Case(#"[{"text":"x"}]"#, says: ""),
    Case(#"["a", "b"]"#, says: ""),
    Case("[1, 2, 3]", says: ""),
    Case("[]", says: ""),
    Case("[[1], [2]]", says: ""),
    Case("[1]", says: ""),
    Case(#"{"text":"a\n\t\r\"\\\/\b\f\u00e9\u0416"}"#, says: "a\n\t\r\"\\/\u{8}\u{C}éЖ"),
    Case(#"{"text":"\ud83d\ude00 \uD83D\uDC68\u200D\uD83D\uDE80"}"#, says: "😀 👨‍🚀"),
    Case(
      #"{"text":"\ud83d x \ude00 \ud83d\n\ud83d\ud83d\ude00\ud83d"}"#,
      says: "\u{FFFD} x \u{FFFD} \u{FFFD}\n\u{FFFD}😀\u{FFFD}"),
    Case("{\"text\":\"raw\nline\tbreak\"}", says: "raw\nline\tbreak"),
    Case(#"{"te\u0078t":"escaped key"}"#, says: "escaped key"),
    Case(
      #"{"text":"a","command":"x","args":{"b":[{"c":1.5e3},{}],},}"#, says: "a",
      command: .init(name: "x", arguments: ["b": [["c": .number(1500)], [:]]])),
    Case(
      #"{"command":"x","args":{"n":9223372036854775807,"m":12345678901234567168}}"#, says: "",
      command: .init(name: "x", arguments: ["n": .integer(.max), "m": .number(12_345_678_901_234_567_168)])),
  ]

  static let wrapped: [Case] = [
    Case("```json\n{\"session_id\":\"1\",\"text\":\"Hello.\"}\n```", says: "Hello."),
    Case("```\n{\"text\":\"Привет.\"}\n```\n", says: "Привет."),
    Case("```JSON {\"text\":\"Hello.\"}```", says: "Hello."),
    Case("````json\n{\"text\":\"Hello.\"}\n````", says: "Hello."),
    Case("json\n{\"text\":\"Hello.\"}", says: "Hello."),
    Case("JSON: {\"text\":\"Hello.\"}", says: "Hello."),
    Case("```json\n{\"name\":\"Ann\"}\n```", says: ""),
    Case("```json\n[]\n```", says: ""),
    Case("```json\n{\"text\":\"Hi.\"}\n```\nAnything else?", says: "Hi.\nAnything else?"),
    Case(#"Sure! {"session_id":"1","text":"Hello."}"#, says: "Sure! Hello."),
    Case(#"Sure!{"session_id":"1","text":"Hello."}"#, says: "Sure!\nHello."),
    Case("Here you go:\n```json\n{\"text\":\"Hello.\"}\n```", says: "Here you go:\nHello."),
    Case(
      "Конечно:\n\n{\"command\":\"open_app\",\"args\":{\"app_name\":\"Mail\"}}", says: "Конечно:\n\n",
      command: .init(name: "open_app", arguments: ["app_name": "Mail"])),
    Case("The set {x}, then {\"text\":\"Hello.\"}", says: "The set {x}, then Hello."),
    Case(#"{ {"text":"Hello."}"#, says: "{ Hello."),
    Case(#"{"text":"Hi."} Bye."#, says: "Hi. Bye."),
    Case(#"{"text":"Hi."}Bye."#, says: "Hi.\nBye."),
    Case("{\"text\":\"Hi.\"}\n\n \nBye {x}.", says: "Hi.\nBye {x}."),
    Case("{\"text\":\"Hi.\"}}\n]", says: "Hi."),
    Case("{\"text\":\"Hi.\"}\n```", says: "Hi."),
    Case("```json\n{\"text\":\"Hi.\"}\nBye.\n```", says: "Hi.\nBye.\n"),
    Case("{\"text\":\"Hi.\"}\n```swift\nlet x = 1\n```", says: "Hi.\n```swift\nlet x = 1\n```"),
    Case(
      #"{"command":"a","text":"One."} {"command":"b","text":"Two."}"#, says: "One. Two.",
      command: .init(name: "b", arguments: [:])),
    Case(
      #"{"command":"a","text":"One."}{"text":"Two."}"#, says: "One.\nTwo.", command: .init(name: "a", arguments: [:])),
    Case(#"{"text":"Hi."} {"name":"Ann"} [1, 2]"#, says: "Hi."),
    Case(
      "```json\n{\"text\":\"One.\"}\n```\n```json\n{\"command\":\"b\"}\n```", says: "One.",
      command: .init(name: "b", arguments: [:])),
    Case(
      #"{"event":"mcp.command_request","payload":{"session_id":"1","command":"a","args":{"text":"no"},"text":"Now."}}"#,
      says: "Now.", command: .init(name: "a", arguments: ["text": "no"])),
    Case(
      #"OK. {"event":"mcp.command_request","payload":{"command":"a"},"text":"Now."}"#, says: "OK. Now.",
      command: .init(name: "a", arguments: [:])),
    Case(#"{"session_id":"1","payload":{"text":"inner"},"text":"outer"}"#, says: "outer"),
    Case(#"{"payload":[{"text":"inner"}],"text":"outer"}"#, says: "outer"),
    Case("```javascript\nlet a = {\"session_id\":\"1\",\"text\":\"Hi\"}\n```", says: "```javascript\nlet a = Hi"),
  ]

  /// JSON where or how it should not be.
  static let disguised: [Case] = [
    Case(
      "Sure!\n{\"response\":\"hi\",\"command\":\"open_app\",\"args\":{\"app_name\":\"Safari\"},\"text\":\"Opening.\"}",
      says: "Sure!\nOpening.", command: .init(name: "open_app", arguments: ["app_name": "Safari"])),
    Case(#"Here you go: {"action":"open_app","text":"Opening."}"#, says: "Here you go: Opening."),
    Case(#"An object such as {"name": "Ann"} is small."#, says: "An object such as is small."),
    Case(#"Use `{"a": 1}` here."#, says: "Use here."),
    Case("One {\n\t\"a b\"\n : 1} two", says: "One two"),
    Case("{\u{A0}\"a\": 1}", says: "", fault: .malformed),
    Case(#"Sure: [{"a":1},{"b":[2]}] Bye."#, says: "Sure: Bye."),
    Case("1. {\"a\":1}\n2. {\"b\":2}\nend", says: "1. 2. end"),
    Case("Sure:\n```json\n{\"foo\": 1, \"text\":\"Fenced.\"}\n```\nDone.", says: "Sure:\nFenced.\nDone."),
    Case("Sure:\n```json\n[1,2]\n```\nDone.", says: "Sure:\nDone."),
    Case("Sure:\n```json\n{\"a\":{\"b\":[1]}}\n```\nDone.", says: "Sure:\nDone."),
    Case("Sure:\n```\n{\"foo\": 1}\n```\nDone.", says: "Sure:\nDone."),
    Case("Sure:\n```\n[\n  \"a\"\n]\n```\nDone.", says: "Sure:\nDone."),
    Case("Sure:\n```\n[1]\n```\nDone.", says: "Sure:\nDone."),
    Case("Sure:\n```jsonc\n{a: 1,}\n```\nDone.", says: "Sure:\nDone.", fault: .malformed),
    Case("~~~json\n{\"foo\": 1, \"text\":\"Fenced.\"}\n~~~\nDone.", says: "Fenced.\nDone."),
    Case("```json\n\"text\": \"Hi.\"\n```\nBye.", says: "Hi.\nBye.", fault: .malformed),
    Case("```javascript\n{\"text\":\"x\"}\n```", says: "x"),
    Case("```python\n[{\"a\": 1}]\n```\nDone.", says: "Done."),
    Case("// comment\n{\"text\":\"x\"}", says: "x"),
    Case("```json\n/* {} */ // c\n{\"text\":\"x\"}\n```", says: "x"),
    Case(#"<json>{"text":"x"}</json>"#, says: "x"),
    Case("Sure: <json>\n[1]\n</json>\nBye.", says: "Sure: Bye."),
    Case("<tool_call>\n{\"name\":\"x\"}\n</tool_call> Hi.", says: "Hi."),
    Case(#"<|start|>{"text":"x"}<|end|>"#, says: "x"),
    Case(#"'{"text":"x"}'"#, says: "x"),
    Case(#"{{"text":"x"}}"#, says: "x"),
    Case(#"{,"text":"x"} Bye."#, says: "x Bye.", fault: .malformed),
    Case(#"Sure {,"a":1,"text":"x"}"#, says: "Sure x", fault: .malformed),
    Case(
      #""text":"x","command":"a"}"#, says: "x", command: .init(name: "a", arguments: [:]), fault: .malformed),
    Case("{“text”: “x”}\nBye.", says: "Bye.", fault: .malformed),
    Case("{&quot;text&quot;: &quot;x&quot;}\nBye.", says: "Bye.", fault: .malformed),
    Case("Sure! {'action': 'open_app'}\nBye.", says: "Sure! Bye.", fault: .malformed),
    Case(#"{action: "open_app"}"#, says: "", fault: .malformed),
  ]

  /// JSON inside a string, and JSON that was escaped for one.
  static let layered: [Case] = [
    Case(#"{\"text\": \"escaped json\"}"#, says: "escaped json"),
    Case(#"Sure: {\"foo\": 1, \"text\": \"say \\\"hi\\\"\"} Bye."#, says: #"Sure: say "hi" Bye."#),
    Case(
      #"{\n \"text\": \"x\",\n \"command\":\"a\"\n}"#, says: "x", command: .init(name: "a", arguments: [:])),
    Case(#"{\\\"text\\\": \\\"twice\\\"}"#, says: "twice"),
    Case(#"{\"text\": \"cut"#, says: "cut", fault: .truncated),
    Case(#"{\"text\": \"bad \q\"}"#, says: "bad ", fault: .malformed),
    Case(#""{\"text\": \"double\"}""#, says: "double"),
    Case(#""{\n \"text\": \"double\"\n}" Bye."#, says: "double Bye."),
    Case(#"Sure: "{\"text\": \"double\"}""#, says: "Sure: double"),
    Case(#""[{\"text\": \"x\"}]""#, says: ""),
    Case(#""{"text": "raw"}""#, says: "raw"),
    Case(#"{"text":"{\"text\":\"inner json\"}"}"#, says: "inner json"),
    Case(
      #"{"text":"{\"text\":\"{\\\"text\\\":\\\"deep\\\"}\",\"command\":\"b\"}"}"#, says: "deep",
      command: .init(name: "b", arguments: [:])),
    Case(
      #"{"text":"So: {\"text\":\"x\",\"command\":\"b\"}","command":"a"}"#, says: "So: x",
      command: .init(name: "a", arguments: [:])),
    Case(#"{"text":"```json\n{\"a\":1}\n``` OK."} Bye."#, says: "OK. Bye."),
    Case(#"{"text":"[1] is {x}."}"#, says: "[1] is {x}."),
  ]

  static let broken: [Case] = [
    Case(#"{"text":"Hello"#, says: "Hello", fault: .truncated),
    Case(#"{"text":"Hello\u04"#, says: "Hello", fault: .truncated),
    Case(
      #"{"command":"a","args":{"b":1},"text":"Opening." "#, says: "Opening.",
      command: .init(name: "a", arguments: ["b": 1]), fault: .truncated),
    Case(
      "```json\n{\"text\":\"Hi.\",\"command\":\"a\",\"args\":{}\n```\nBye.", says: "Hi.\nBye.",
      command: .init(name: "a", arguments: [:]), fault: .truncated),
    Case(#"{"command":"a","text":"Opening.""#, says: "Opening.", fault: .truncated),
    Case(#"{"command":"a","args":{"b":1},"text":"Opening.","#, says: "Opening.", fault: .truncated),
    Case(#"Sure: {"a"#, says: "Sure: ", fault: .truncated),
    Case(#"{"text":"Hello \ud83d"#, says: "Hello ", fault: .truncated),
    Case(#"{"text":"Hello","command":"open_app","args":{"app_name":"Saf"#, says: "Hello", fault: .truncated),
    Case("{", says: "", fault: .truncated),
    Case(#"{"sess"#, says: "", fault: .truncated),
    Case(#"Sure! {"sess"#, says: "Sure! ", fault: .truncated),
    Case("```json", says: "", fault: .truncated),
    Case(#"{'text': 'Hello', 'command': 'open_app'}"#, says: "", fault: .malformed),
    Case("{'text': 'a } b'} there\nBye.", says: "Bye.", fault: .malformed),
    Case(#"{text: "Hello", command: "open_app"}"#, says: "", fault: .malformed),
    Case("Sure! {'command': 'open_app'}\nDone.", says: "Sure! Done.", fault: .malformed),
    Case(#"Sure! {session_id: "1", text: "Hello"}"#, says: "Sure! ", fault: .malformed),
    Case("A closure { text in 1 }, {text: 1}, {'a': 1}.", says: "A closure { text in 1 }, {text: 1}, {'a': 1}."),
    Case("{ // a comment\n \"text\": \"Hello\"}", says: "", fault: .malformed),
    Case(#"{/* a comment */ "text": "Hello"}"#, says: "", fault: .malformed),
    Case("{\"text\":\"Hello.\", // it's {\n \"command\":\"a\"}\nBye.", says: "Hello.\nBye.", fault: .malformed),
    Case(#"{"text":"Hello." "command":"open_app"}"#, says: "Hello.", fault: .malformed),
    Case(#"{"text":"He said "hi {x}" there","command":"a"}"#, says: "He said ", fault: .malformed),
    Case(#"{"text":"A 5" disk","command":"a"}"#, says: "A 5", fault: .malformed),
    Case("```json\n{\"text\":\"A 5\" disk\"}\n```\nBye.", says: "A 5\nBye.", fault: .malformed),
    Case(#"{"text":"bad \q escape","command":"a"}"#, says: "bad ", fault: .malformed),
    Case(#"{"text":"bad \u00zz escape","command":"a"}"#, says: "bad ", fault: .malformed),
    Case(#"{"text":"Hi.","args":01}"#, says: "Hi.", fault: .malformed),
    Case(#"{"text":"Hi.","args":nul}"#, says: "Hi.", fault: .malformed),
    Case(#"{"text":"Hi.","args":1e999}"#, says: "Hi.", fault: .malformed),
    Case(#"{"text":"Hi.","args":{]}"#, says: "Hi.", fault: .malformed),
    Case(#"{"text":"Hi.",,"command":"a"}"#, says: "Hi.", fault: .malformed),
    Case(
      #"{"command":"a","text":"Hi."} {"command":'b'}"#, says: "Hi.", command: .init(name: "a", arguments: [:]),
      fault: .malformed),
  ]

  static let truncated = [
    #"{"session_id":"1","text":"Hello, world. Ещё слово 😀 é."}"#,
    #"{"command":"a","args":{"app_name":"Safari","text":"no"},"text":"Opening \u041e\ud83d\ude00\tnow."}"#,
    "```json\n{\"text\":\"Открываю. https://a.b//c\",\"command\":\"a\",\"args\":{\"n\":[1,{\"text\":\"no\"}]}}\n```",
    #"{"event":"mcp.command_request","payload":{"command":"a","text":"Opening."}}"#,
    #"[{"session_id":"1","text":"Hello."}]"#,
    #"{'session_id':'1','text':'Hello.'}"#,
    #"{"name":"Ann","list":["text","Hello"]}"#,
    #"<json>{"session_id":"1","text":"Hello."}</json>"#,
    #"{\"session_id\":\"1\",\"text\":\"Hello.\"}"#,
    #"{"text":"{\"session_id\":\"1\",\"text\":\"Hello.\"}"}"#,
    "```javascript\n{\"foo\":[1],\"text\":\"Hello.\"}\n```\nDone.",
  ]

  static let marks = [
    "{", "}", "[", "]", "\"", "'", "\\", ",", ":", " ", "\n", "`", "```", "```json\n", "json", "```py", "//", "/*",
    "*/", "{\"text\":\"", "\"text\":", "{\"session_id\":\"1\",", "\"command\":\"a\"", "\"args\":{", "\"payload\":{",
    "\"}", "\\u00", "41", "\\ud83d", "\\ude00", "\\n", "true", "1", "-", "1.5e3", "text", "слово", "😀", "é", "Hi. ",
    "<json>", "</json>", "<", ">", "|", "~~~", "\\\"", "\"{\\\"text\\\":", "{\\\"a\\\":", "\"a\":", "{{", "“",
    "&quot;", ";",
  ]
}
