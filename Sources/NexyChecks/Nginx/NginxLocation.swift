import NexyCore

/// Which location answers a path, by nginx's own order: https://nginx.org/en/docs/http/ngx_http_core_module.html#location
struct NginxLocation {
  enum Kind: Equatable {
    case exact(String)
    /// `final` is `^~`: regular expressions beside it are not tried.
    case prefix(String, final: Bool)
    case pattern(String, ignoresCase: Bool)
    /// `@name`, which no request reaches by its path.
    case named
  }

  let kind: Kind
  let block: [NginxDirective]

  init?(_ directive: NginxDirective) {
    guard directive.name == "location", let block = directive.block, let first = directive.arguments.first else {
      return nil
    }
    self.block = block
    let modifiers: [(String, (String) -> Kind)] = [
      ("^~", { .prefix($0, final: true) }), ("~*", { .pattern($0, ignoresCase: true) }),
      ("~", { .pattern($0, ignoresCase: false) }), ("=", { .exact($0) }), ("@", { _ in .named }),
    ]
    if let (modifier, make) = modifiers.first(where: { first.hasPrefix($0.0) }) {
      // The modifier stands alone, or right before its path.
      let rest = String(first.dropFirst(modifier.count))
      kind = make(rest.isEmpty ? directive.arguments.dropFirst().first ?? "" : rest)
    } else {
      kind = .prefix(first, final: false)
    }
  }

  /// The levels that are in force for a path.
  ///
  /// - Returns: Also the path of the location that answers; nil for a regular expression, and where none does.
  /// - Throws: `NexyError` for a regular expression that is not understood here.
  static func find(_ path: String, in scope: NginxScope) throws -> (scope: NginxScope, prefix: String?) {
    let found = try search(path, in: scope)
    return (found.scope, found.prefix)
  }

  private struct Finding {
    var scope: NginxScope
    var prefix: String?
    var isFinal: Bool
  }

  private static func search(_ path: String, in scope: NginxScope, under prefix: String? = nil) throws -> Finding {
    let locations = scope.here.compactMap(Self.init)
    if let exact = locations.first(where: { $0.kind == .exact(path) }) {
      return Finding(scope: scope.entering(exact.block), prefix: path, isFinal: true)
    }
    var found = Finding(scope: scope, prefix: prefix, isFinal: false)
    var triesPatterns = true
    if let (name, isFinal, block) = longest(path, locations) {
      found = try search(path, in: scope.entering(block), under: name)
      if found.isFinal { return found }
      triesPatterns = !isFinal
    }
    guard triesPatterns else { return found }
    for location in locations {
      guard case .pattern(let pattern, let ignoresCase) = location.kind,
        try matches(path, pattern, ignoresCase: ignoresCase)
      else { continue }
      let inner = try search(path, in: scope.entering(location.block))
      return Finding(scope: inner.scope, prefix: inner.prefix, isFinal: true)
    }
    return found
  }

  private static func longest(
    _ path: String, _ locations: [NginxLocation]
  ) -> (name: String, isFinal: Bool, block: [NginxDirective])? {
    locations.compactMap { location in
      guard case .prefix(let name, let isFinal) = location.kind, path.hasPrefix(name) else { return nil }
      return (name, isFinal, location.block)
    }.max { $0.name.utf8.count < $1.name.utf8.count }
  }

  private static func matches(_ path: String, _ pattern: String, ignoresCase: Bool) throws -> Bool {
    do { return try path.firstMatch(of: Regex(pattern).ignoresCase(ignoresCase)) != nil } catch {
      throw NexyError(.badNginxFile, "the regular expression \(pattern) of a location is not understood here.")
    }
  }
}
