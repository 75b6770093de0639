/// One directive of an nginx configuration, with the block that follows it where there is one.
struct NginxDirective: Sendable, Equatable {
  let name: String
  let arguments: [String]
  /// Nil for a directive that ends with a semicolon.
  let block: [NginxDirective]?
  let place: NginxPlace

  var first: String { arguments.first ?? "" }
}

/// Where something stands.
struct NginxPlace: Sendable, Hashable, CustomStringConvertible {
  let file: String
  /// From 1.
  let line: Int

  /// The file's own name is enough to find it, and short.
  var description: String { "\(file.split(separator: "/").last.map(String.init) ?? file):\(line)" }
}
