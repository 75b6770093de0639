/// What becomes of a request for one path.
struct NginxRoute: Sendable {
  enum Answer: Sendable {
    case passed(NginxPass, isGRPC: Bool)
    /// `return`, a file, or nothing at all.
    case answeredHere
  }

  let path: String
  let scope: NginxScope
  /// The path of the location that answers; nil for a regular expression, and where none does.
  let prefix: String?
  let answer: Answer

  /// - Throws: `NexyError` for a location whose regular expression is not understood here.
  init(_ path: String, on server: NginxServer) throws {
    self.path = path
    (scope, prefix) = try NginxLocation.find(path, in: server.scope)
    // Where to is not inherited by locations within a location.
    let pass = scope.levels.count > 2 ? scope.here.first { $0.name == "grpc_pass" || $0.name == "proxy_pass" } : nil
    answer = pass.map { .passed(NginxPass($0), isGRPC: $0.name == "grpc_pass") } ?? .answeredHere
  }

  /// The path as the backend sees it; nil where nothing is passed on.
  var forwarded: String? {
    guard case .passed(let pass, _) = answer else { return nil }
    return pass.forwarded(path, at: prefix)
  }
}
