/// Where `grpc_pass` or `proxy_pass` sends requests.
struct NginxPass: Sendable, Equatable {
  struct Backend: Sendable, Hashable, CustomStringConvertible {
    let host: String
    let port: Int
    var description: String { "\(host):\(port)" }

    /// Whether it is this machine's own loopback interface.
    var isLoopback: Bool { host.hasPrefix("127.") || host == "[::1]" || host.lowercased() == "localhost" }
  }

  /// `grpc`, `grpcs`, `http` or `https`.
  let scheme: String
  /// A name of an upstream, or a host with or without its port.
  let target: String
  /// What stands after the target, from its slash on; it takes the place of the location's own path.
  let path: String?
  let place: NginxPlace

  init(_ directive: NginxDirective) {
    let text = directive.first
    let isGRPC = directive.name == "grpc_pass"
    var rest = Substring(text)
    var scheme = isGRPC ? "grpc" : "http"
    if let colon = text.firstRange(of: "://") {
      scheme = text[..<colon.lowerBound].lowercased()
      rest = text[colon.upperBound...]
    }
    self.scheme = scheme
    let slash = rest.hasPrefix("unix:") ? nil : rest.firstIndex(of: "/")
    target = String(slash.map { rest[..<$0] } ?? rest)
    path = slash.map { String(rest[$0...]) }
    place = directive.place
  }

  /// The servers behind it; nil where that cannot be told from the file: variables, and sockets of the file system.
  func backends(_ upstreams: [NginxDirective]) -> [Backend]? {
    if let upstream = upstreams.first(where: { $0.first.lowercased() == target.lowercased() }) {
      let servers = (upstream.block ?? []).filter { $0.name == "server" && !$0.arguments.contains("down") }
      let backends = servers.compactMap { Self.backend($0.first, standard: 80) }
      return backends.count == servers.count && !backends.isEmpty ? backends : nil
    }
    return Self.backend(target, standard: scheme == "grpcs" || scheme == "https" ? 443 : 80).map { [$0] }
  }

  /// The path that the backend sees for one that a client asks for.
  /// - Parameter prefix: The location's own path; nil for a regular expression, where nginx takes no path of its own.
  func forwarded(_ request: String, at prefix: String?) -> String {
    guard let path, let prefix else { return request }
    return path + request.dropFirst(prefix.count)
  }

  private static func backend(_ text: String, standard: Int) -> Backend? {
    guard !text.isEmpty, !text.contains("$"), !text.hasPrefix("unix:") else { return nil }
    if let end = text.lastIndex(of: "]") {
      let rest = text[text.index(after: end)...]
      guard let port = rest.isEmpty ? standard : Int(rest.dropFirst()) else { return nil }
      return Backend(host: String(text[...end]), port: port)
    }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 2, let port = parts.count == 2 ? Int(parts[1]) : standard else { return nil }
    return Backend(host: String(parts[0]), port: port)
  }
}
