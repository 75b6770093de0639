import NexyCore
import Testing

@testable import NexyConfig

@Suite("config.env is read as a shell and dotenv read it")
struct EnvironmentFileTests {
  private static let lines: [(text: String, values: [String: String])] = [
    ("KEY=value", ["KEY": "value"]),
    ("KEY=", ["KEY": ""]),
    ("KEY=a=b=c", ["KEY": "a=b=c"]),
    ("  KEY=value  ", ["KEY": "value"]),
    ("KEY = value", ["KEY": "value"]),
    ("export KEY=value", ["KEY": "value"]),
    ("export   KEY=value", ["KEY": "value"]),
    ("exported=value", ["exported": "value"]),
    ("A_1=x", ["A_1": "x"]),
    ("KEY=привет", ["KEY": "привет"]),
    ("KEY=\"value\"", ["KEY": "value"]),
    ("KEY='value'", ["KEY": "value"]),
    ("KEY=\"two words\"", ["KEY": "two words"]),
    ("KEY=' kept '", ["KEY": " kept "]),
    ("KEY=\"\"", ["KEY": ""]),
    ("KEY=\"it's\"", ["KEY": "it's"]),
    ("KEY='say \"yes\"'", ["KEY": "say \"yes\""]),
    ("KEY=\"say \\\"yes\\\"\"", ["KEY": "say \"yes\""]),
    ("KEY='C:\\path'", ["KEY": "C:\\path"]),
    ("KEY=\"a # b\"", ["KEY": "a # b"]),
    ("KEY='a#b' # why", ["KEY": "a#b"]),
    ("export KEY=\"value\" # why", ["KEY": "value"]),
    ("KEY=value # why", ["KEY": "value"]),
    ("KEY=value\t# why", ["KEY": "value"]),
    ("KEY=a#b", ["KEY": "a#b"]),
    ("# KEY=value", [:]),
    ("   # KEY=value", [:]),
    ("#KEY=value", [:]),
    ("", [:]),
    ("   ", [:]),
    ("A=1\nB=2", ["A": "1", "B": "2"]),
    ("A=1\r\nB=2\r\n", ["A": "1", "B": "2"]),
    ("A=1\n\n# two\nB=2\n", ["A": "1", "B": "2"]),
    ("A=1\nA=2", ["A": "2"]),
  ]

  @Test("a line gives its value", arguments: lines)
  func value(text: String, values: [String: String]) throws {
    #expect(try EnvironmentFile.parse(text, path: "config.env") == values)
  }

  private static let mistakes: [(text: String, line: Int)] = [
    ("KEY", 1), ("=value", 1), ("two words=value", 1), ("KEY-A=value", 1), ("{\"a\": 1}", 1), ("export KEY", 1),
    ("A=1\nB", 2), ("# one\n\nKEY: value", 3), ("A=1\r\nB=2\r\nC", 3), ("КЛЮЧ=1", 1), ("A=1\nKEY=\"open", 2),
    ("KEY='open", 1),
  ]

  @Test("what is no KEY=value is refused with the file and the line's number", arguments: mistakes)
  func mistake(text: String, line: Int) {
    let error = #expect(throws: NexyError.self) { try EnvironmentFile.parse(text, path: "config.env") }
    #expect(error?.code == .badSettings)
    #expect(error?.message.contains("config.env, line \(line):") == true)
  }

  @Test("a refused line is not repeated, since it may hold a secret")
  func secret() {
    let error = #expect(throws: NexyError.self) { try EnvironmentFile.parse("API KEY=hunter2", path: "config.env") }
    #expect(error.map { "\($0) \($0.fullDetail ?? "")".contains("hunter2") } == false)
  }
}
