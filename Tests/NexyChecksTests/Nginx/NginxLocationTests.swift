import Testing

@testable import NexyChecks

@Suite("A path finds its location in nginx's order")
struct NginxLocationTests {
  static let rows: [(locations: String, path: String, answer: String)] = [
    ("location / { a; }", "/x", "a"),
    ("location /x { a; } location / { b; }", "/x/y", "a"),
    ("location / { b; } location /x { a; }", "/x/y", "a"),
    ("location = /x { a; } location /x { b; }", "/x", "a"),
    ("location = /x { a; } location /x { b; }", "/x/", "b"),
    ("location =/x { a; } location / { b; }", "/x", "a"),
    ("location /x { a; } location ~ ^/x { b; }", "/x", "b"),
    ("location ^~ /x { a; } location ~ ^/x { b; }", "/x", "a"),
    ("location ~ ^/X { a; } location / { b; }", "/x", "b"),
    ("location ~* ^/X { a; } location / { b; }", "/x", "a"),
    ("location ~*^/X { a; } location / { b; }", "/x", "a"),
    ("location ~ x { a; } location ~ ^/x$ { b; }", "/x", "a"),
    ("location /x { location /x/y { a; } b; }", "/x/y", "a"),
    ("location /x { location /x/y { a; } b; }", "/x/z", "b"),
    ("location /x { location ~ y$ { a; } b; }", "/x/y", "a"),
    ("location /x { location = /x/y { a; } b; } location ~ y { c; }", "/x/y", "a"),
    ("location /x { b; } location /y { c; }", "/z", "none"),
    ("location @x { a; } location / { b; }", "/@x", "b"),
    ("location ~ (?<rest>/.*)$ { a; }", "/x", "a"),
  ]

  @Test("exact, longest prefix, regular expressions, nested", arguments: rows)
  func order(_ row: (locations: String, path: String, answer: String)) throws {
    let tree = try NginxFolder(row.locations).tree
    let found = try NginxLocation.find(row.path, in: NginxScope([tree])).scope
    #expect((found.levels.count > 1 ? found.here.last?.name : "none") == row.answer)
  }

  static let spellings: [(text: String, seconds: Double?, bytes: Int64?)] = [
    ("300", 300, 300), ("300s", 300, nil), ("5m", 300, 5 << 20), ("1h30m", 5400, nil), ("500ms", 0.5, nil),
    ("16M", 16 * 2_592_000, 16 << 20), ("1g", nil, 1 << 30), ("16k", nil, 16 << 10), ("0", 0, 0), ("", nil, nil),
    ("-1", nil, nil), ("a", nil, nil), ("1x", nil, nil), ("99999999999999999999", nil, nil), ("5mm", nil, nil),
    ("999999999999999g", nil, nil),
  ]

  @Test("times and sizes", arguments: spellings)
  func values(_ row: (text: String, seconds: Double?, bytes: Int64?)) {
    #expect(NginxValue.seconds([row.text]) == row.seconds)
    #expect(NginxValue.bytes(row.text) == row.bytes)
  }
}
