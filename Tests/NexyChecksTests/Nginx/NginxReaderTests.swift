import NexyCore
import Testing

@testable import NexyChecks

@Suite("An nginx configuration is read as nginx reads it")
struct NginxReaderTests {
  static let readable: [(text: String, told: String)] = [
    ("", ""),
    ("# nothing", ""),
    ("a;", "a;"),
    ("a b c;", "a b c;"),
    ("a{b;}", "a { b; }"),
    ("a { b { c; } d; }", "a { b { c; } d; }"),
    ("a\r\n{\r\n  b;\r\n}\r\n", "a { b; }"),
    ("a # not b;\n b;", "a b;"),
    ("a#b;", "a#b;"),
    ("a; # last line without an end", "a;"),
    ("a \"b c\" 'd;e';", "a <b c> <d;e>;"),
    ("a \"\";", "a <>;"),
    ("a \"b\\\"c\\\\d\\te\\q\";", "a <b\"c\\d\te\\q>;"),
    ("a b\\;c;", "a <b\\;c>;"),
    ("a b\\ c;", "a <b\\ c>;"),
    ("set $x ${host}y;", "set $x <${host}y>;"),
    ("set $x a${y};", "set $x <a${y}>;"),
    ("a b}c;", "a <b}c>;"),
    ("if ($a = \"b\") { c; }", "if ($a = b ) { c; }"),
    ("location ~ \"^/a{2}$\" { b; }", "location ~ <^/a{2}$> { b; }"),
    ("a 'b\nc';", "a <b\nc>;"),
    ("server_name пример.рф;", "server_name пример.рф;"),
    ("map $a $b { default 0; \"~x y\" 1; }", "map $a $b { default 0; <~x y> 1; }"),
  ]

  @Test("words, blocks, quotes, comments and escapes", arguments: readable)
  func good(_ row: (text: String, told: String)) throws {
    #expect(try NginxFolder(row.text).tree.told == row.told)
  }

  static let refused: [(text: String, says: String)] = [
    ("a { b;", "line 1 opens a block that is never closed"),
    ("a {\n b {\n c;\n}\n", "line 1 opens a block that is never closed"),
    ("a; }", "line 1 has a } that closes nothing"),
    ("a;\n}\n", "line 2 has a } that closes nothing"),
    ("a", "line 1 has no ; after a"),
    ("\n\na b", "line 3 has no ; after a"),
    ("a { b }", "line 1 has no ; after b"),
    (";", "line 1 has a ; with nothing before it"),
    ("a;;", "line 1 has a ; with nothing before it"),
    ("{ }", "line 1 has a { with nothing before it"),
    ("a \"b;\n", "line 1 opens a quotation mark that is never closed"),
    ("a;\n b 'c;", "line 2 opens a quotation mark that is never closed"),
    ("a \"b\\\"", "line 1 opens a quotation mark that is never closed"),
    ("a \"b\"c;", "line 1 has something right after a closing quotation mark"),
    ("a 'b'\"c\";", "line 1 has something right after a closing quotation mark"),
    ("\u{FEFF}a;", "line 1 begins with a byte order mark"),
    ("a \(String(repeating: "b", count: 5000));", "line 1 begins a word of more than 4096 bytes"),
    ("a \"\(String(repeating: "b", count: 5000))\";", "line 1 begins a word of more than 4096 bytes"),
    (String(repeating: "a {", count: 1000), "line 1 opens more than 64 blocks within one another"),
    ("include;", "line 1 has an include without one file"),
    ("include a b;", "line 1 has an include without one file"),
    ("\ninclude gone.conf;", "line 2 includes a file that cannot be read: /etc/nginx/gone.conf"),
    ("\ninclude nginx.conf;", "line 2 includes /etc/nginx/nginx.conf, which is being read already"),
    ("include *.conf;", "line 1 includes /etc/nginx/nginx.conf, which is being read already"),
    ("a \\", "line 1 has no ; after a"),
  ]

  @Test("what nginx refuses is refused, with file and line", arguments: refused)
  func bad(_ row: (text: String, says: String)) {
    let error = #expect(throws: NexyError.self) { try NginxFolder(row.text).tree }
    #expect(error?.code == .badNginxFile)
    #expect(error?.message.hasPrefix("/etc/nginx/nginx.conf, ") == true)
    #expect(error?.message.contains(row.says) == true, "\(error?.message ?? "")")
  }

  @Test("what is included stands in the include's place, and tells its own file")
  func includes() throws {
    let tree = try NginxFolder([
      "/etc/nginx/nginx.conf": "http { include conf.d/*.conf; include /srv/one; }",
      "/etc/nginx/conf.d/a.conf": "a;", "/etc/nginx/conf.d/b.conf": "\n\nb { include c; }", "/etc/nginx/c": "c;",
      "/srv/one": "one;",
    ]).tree
    #expect(tree.told == "http { a; b { c; } one; }")
    #expect("\(try #require(tree[0].block?[1].place))" == "b.conf:3")
  }

  @Test("files that include one another in a ring are refused")
  func ring() {
    let folder = NginxFolder([
      "/etc/nginx/nginx.conf": "include a;", "/etc/nginx/a": "include b;", "/etc/nginx/b": "x;\ninclude a;",
    ])
    let error = #expect(throws: NexyError.self) { try folder.tree }
    #expect(error?.message == "/etc/nginx/b, line 2 includes /etc/nginx/a, which is being read already.")
  }

  @Test("a long chain of includes, and a great many of them, are refused")
  func chains() {
    var files = ["/etc/nginx/nginx.conf": "include 0;"]
    for number in 0..<40 { files["/etc/nginx/\(number)"] = "include \(number + 1);" }
    let chain = #expect(throws: NexyError.self) { try NginxFolder(files).tree }
    #expect(chain?.message.contains("more than 16 files within one another") == true)
    let many = #expect(throws: NexyError.self) {
      try NginxFolder([
        "/etc/nginx/nginx.conf": String(repeating: "include x;", count: 2000), "/etc/nginx/x": "a;",
      ]).tree
    }
    #expect(many?.message.contains("more than 1000 files") == true)
  }

  @Test("a file's includes count from the main folder, also for a site by itself")
  func prefixes() {
    #expect(NginxReader.usualPrefix(of: "/etc/nginx/nginx.conf") == "/etc/nginx")
    #expect(NginxReader.usualPrefix(of: "/etc/nginx/sites-enabled/nexy") == "/etc/nginx")
    #expect(NginxReader.usualPrefix(of: "/etc/nginx/conf.d/nexy.conf") == "/etc/nginx")
    #expect(NginxReader.usualPrefix(of: "nginx.conf") == ".")
    #expect(NginxReader.usualPrefix(of: "/nginx.conf") == "/")
  }

  @Test(
    "a mebibyte is read, whatever it is made of", arguments: ["a b c;\n", "# comment\n", "a { b; }", "\"x\" y;", " "])
  func large(_ piece: String) throws {
    let tree = try NginxFolder(String(repeating: piece, count: (1 << 20) / piece.utf8.count)).tree
    #expect(tree.count == (piece.contains(";") ? (1 << 20) / piece.utf8.count : 0))
  }

  @Test("bytes that are no text end in a tree or an error")
  func noise() {
    var generator = SystemRandomNumberGenerator()
    let marks = Array("ab \n;{}\"'\\#$~*/\0\u{7F}".utf8) + [0xFF, 0xC3, 0xEF, 0xBB, 0xBF]
    for _ in 0..<2000 {
      let bytes = (0..<40).map { _ in marks.randomElement(using: &generator)! }
      let source = NginxSource(read: { _, _ in bytes }, matches: { _ in [] })
      do { _ = try NginxReader.tree("/x", from: source) } catch {
        #expect((error as? NexyError)?.code == .badNginxFile, "\(bytes)")
      }
    }
  }
}
