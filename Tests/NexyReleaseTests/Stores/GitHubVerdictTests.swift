import NIOHTTP1
import Testing

@testable import NexyRelease

@Suite("An answer of GitHub's API")
struct GitHubVerdictTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var status: Int
    var headers: HTTPHeaders = [:]
    var body = ""
    var repeats = 0
    var verdict: GitHubVerdict

    init(
      _ description: String, _ status: Int, _ verdict: GitHubVerdict, _ headers: HTTPHeaders = [:],
      _ body: String = "", repeats: Int = 0
    ) {
      testDescription = description
      (self.status, self.headers, self.body) = (status, headers, body)
      (self.repeats, self.verdict) = (repeats, verdict)
    }
  }

  static let now: Int64 = 784_111_777
  private static let spent: HTTPHeaders = ["x-ratelimit-remaining": "0", "x-ratelimit-reset": "784111807"]
  private static let dated: HTTPHeaders = [
    "x-ratelimit-remaining": "0", "x-ratelimit-reset": "784111797", "date": "Sun, 06 Nov 1994 08:49:47 GMT",
  ]
  private static let secondary = "{\"message\":\"You have exceeded a secondary rate limit.\"}"
  private static let taken = "{\"message\":\"Validation Failed\",\"errors\":[{\"code\":\"already_exists\"}]}"

  static let rows: [Row] = [
    Row("done", 200, .success),
    Row("made", 201, .success),
    Row("nothing to say", 204, .success),
    Row("moved", 301, .refused(.moved)),
    Row("moved for a while", 307, .refused(.moved)),
    Row("bad token", 401, .refused(.token)),
    Row("no right", 403, .refused(.right)),
    Row("no right, with requests left", 403, .refused(.right), ["x-ratelimit-remaining": "12"]),
    Row("not there", 404, .missing),
    Row("gone", 410, .missing),
    Row("name taken", 422, .nameTaken, [:], taken),
    Row("not valid", 422, .refused(.other), [:], "{\"message\":\"Validation Failed\",\"errors\":[\"a sentence\"]}"),
    Row("no JSON", 422, .refused(.other), [:], "<html>"),
    Row("failing", 500, .failing(wait: nil)),
    Row("bad gateway", 502, .failing(wait: nil), [:], "<html>"),
    Row("too slow", 408, .failing(wait: nil)),
    Row("busy", 503, .failing(wait: .seconds(7)), ["retry-after": "7"]),
    Row("busy until a date", 503, .failing(wait: nil), ["retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"]),
    Row("primary limit", 403, .limited(.primary, wait: .seconds(31)), spent),
    Row("primary limit by 429", 429, .limited(.primary, wait: .seconds(31)), spent),
    Row("primary limit by its own date", 403, .limited(.primary, wait: .seconds(11)), dated),
    Row(
      "primary limit that is over", 403, .limited(.primary, wait: .seconds(1)),
      ["x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"]),
    Row("secondary limit with a time", 403, .limited(.secondary, wait: .seconds(5)), ["retry-after": "5"]),
    Row(
      "a time counts before a reset", 429, .limited(.secondary, wait: .seconds(5)),
      ["retry-after": "5", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "784111807"]),
    Row(
      "secondary limit with a time, again", 403, .limited(.secondary, wait: .seconds(120)), ["retry-after": "5"],
      repeats: 1),
    Row("secondary limit by its words", 403, .limited(.secondary, wait: .seconds(60)), [:], secondary),
    Row(
      "secondary limit by its words, again", 403, .limited(.secondary, wait: .seconds(240)), [:], secondary, repeats: 2),
    Row("429 without a word", 429, .limited(.secondary, wait: .seconds(60))),
    Row("a time without an end", 403, .limited(.secondary, wait: .seconds(86_400)), ["retry-after": "99999999999"]),
    Row("a time below zero", 403, .refused(.right), ["retry-after": "-5"]),
    Row("what nobody knows", 418, .refused(.other)),
  ]

  @Test(arguments: rows) func `means one thing`(_ row: Row) {
    let answer = GitHubAnswer(status: row.status, headers: row.headers, body: Array(row.body.utf8))
    #expect(GitHubVerdict.of(answer, repeats: row.repeats, now: Self.now) == row.verdict)
  }

  @Test func `is told in its own words, without a secret`() {
    let text = "{\"message\":\"no\\nfor ghp_0123456789abcdefghij\",\"errors\":[{\"field\":\"name\",\"code\":\"bad\"}]}"
    #expect(GitHubAnswer(status: 422, body: Array(text.utf8)).fault.words == "nofor ****; name bad")
  }
}
