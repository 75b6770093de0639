import NexyCore

/// Reads a configuration with all that it includes into one tree; what an `include` brings stands in its place.
struct NginxReader {
  /// Bytes of all files together.
  static let largest = 8 << 20
  /// Files, counted as often as they are included.
  static let mostFiles = 1000
  /// Files that include one another.
  static let deepestInclude = 16
  /// Blocks in one another; real configurations have about five.
  static let deepestBlock = 64

  private let source: NginxSource
  private let prefix: String
  private var bytes = 0
  private var files = 0
  private var open: [String] = []

  private init(_ source: NginxSource, prefix: String) {
    self.source = source
    self.prefix = prefix
  }

  /// - Parameter prefix: What includes are relative to (nginx: the folder of its main file); nil takes the file's own
  ///   folder, or the one above where that is `conf.d` or `sites-…`.
  /// - Throws: `NexyError` with code `badNginxFile` that names file and line.
  static func tree(_ path: String, prefix: String? = nil, from source: NginxSource = .disk) throws -> [NginxDirective] {
    var reader = Self(source, prefix: prefix ?? usualPrefix(of: path))
    return try reader.file(path, includedAt: nil)
  }

  static func usualPrefix(of path: String) -> String {
    let folder = Self.folder(of: path)
    let name = folder.split(separator: "/").last.map(String.init) ?? ""
    return ["conf.d", "sites-available", "sites-enabled", "snippets"].contains(name) ? Self.folder(of: folder) : folder
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private mutating func file(_ path: String, includedAt place: NginxPlace?) throws -> [NginxDirective] {
    let here = place ?? NginxPlace(file: path, line: 1)
    guard !open.contains(path) else { throw NginxFault.of(here, "includes \(path), which is being read already") }
    guard open.count < Self.deepestInclude else {
      throw NginxFault.of(here, "includes more than \(Self.deepestInclude) files within one another")
    }
    files += 1
    guard files <= Self.mostFiles else {
      throw NginxFault.of(here, "is the include of more than \(Self.mostFiles) files")
    }
    let content: [UInt8]
    do { content = try source.read(path, Self.largest - bytes) } catch let error as NexyError {
      guard let place else { throw error }
      throw NginxFault.of(place, "includes a file that cannot be read: \(error.message)")
    }
    bytes += content.count
    open.append(path)
    defer { open.removeLast() }
    var lexer = try NginxLexer(content, file: path)
    return try directives(&lexer, within: [])
  }

  /// - Parameter outer: Where the blocks begin that are open.
  private mutating func directives(_ lexer: inout NginxLexer, within outer: [NginxPlace]) throws -> [NginxDirective] {
    var found: [NginxDirective] = []
    var words: [String] = []
    var begin = lexer.place
    while let token = try lexer.next() {
      switch token {
      case .word(let word):
        if words.isEmpty { begin = lexer.place }
        words.append(word)
      case .end:
        guard let name = words.first else { throw NginxFault.of(lexer.place, "has a ; with nothing before it") }
        let directive = NginxDirective(name: name, arguments: Array(words.dropFirst()), block: nil, place: begin)
        found += name == "include" ? try included(directive) : [directive]
        words = []
      case .open:
        guard let name = words.first else { throw NginxFault.of(lexer.place, "has a { with nothing before it") }
        guard outer.count < Self.deepestBlock else {
          throw NginxFault.of(lexer.place, "opens more than \(Self.deepestBlock) blocks within one another")
        }
        let block = try directives(&lexer, within: outer + [begin])
        found.append(NginxDirective(name: name, arguments: Array(words.dropFirst()), block: block, place: begin))
        words = []
      case .close:
        if let name = words.first { throw NginxFault.of(begin, "has no ; after \(name)") }
        guard !outer.isEmpty else { throw NginxFault.of(lexer.place, "has a } that closes nothing") }
        return found
      }
    }
    if let name = words.first { throw NginxFault.of(begin, "has no ; after \(name)") }
    if let place = outer.last { throw NginxFault.of(place, "opens a block that is never closed") }
    return found
  }

  private mutating func included(_ directive: NginxDirective) throws -> [NginxDirective] {
    guard directive.arguments.count == 1, !directive.first.isEmpty else {
      throw NginxFault.of(directive.place, "has an include without one file")
    }
    let path = directive.first.hasPrefix("/") ? directive.first : "\(prefix)/\(directive.first)"
    guard path.contains(where: { "*?[".contains($0) }) else { return try file(path, includedAt: directive.place) }
    var found: [NginxDirective] = []
    for match in try source.matches(path) { found += try file(match, includedAt: directive.place) }
    return found
  }
}
