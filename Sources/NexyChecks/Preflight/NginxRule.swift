/// Something that must hold of an nginx in front of the server.
struct NginxRule: Sendable {
  /// What a look at one site found.
  enum Finding: Sendable, Equatable {
    case holds(String)
    case fails([String])
    /// Another rule's failure stands in the way.
    case cannotTell(String)

    static func of(_ faults: [String], otherwise told: String) -> Self {
      faults.isEmpty ? .holds(told) : .fails(faults)
    }
  }

  let point: CheckPoint
  let expected: String
  /// Below https://nginx.org/en/docs/http/.
  let documentation: String
  /// Throws `NexyError` for what is not understood.
  let look: @Sendable (NginxSite) throws -> Finding

  init(
    _ id: String, _ title: String, expecting expected: String, documentation: String, cause: String,
    _ look: @escaping @Sendable (NginxSite) throws -> Finding
  ) {
    point = CheckPoint("preflight.nginx.\(id)", title, cause: cause, see: .ingress)
    self.expected = expected
    self.documentation = documentation
    self.look = look
  }

  /// The finding of all sites together: one that fails fails it, one that cannot be told leaves it open.
  func sight(_ sites: [NginxSite]) throws -> Sight {
    var (told, faults, open): ([String], [String], [String]) = ([], [], [])
    for site in sites {
      switch try look(site) {
      case .holds(let text): told.append(text)
      case .fails(let texts): faults += texts.map { "\(site.server.place): \($0)" }
      case .cannotTell(let text): open.append(text)
      }
    }
    if !faults.isEmpty {
      return .bad("\(faults.joined(separator: "; ")) (nginx.org/en/docs/http/\(documentation))")
    }
    if let reason = open.first ?? (told.isEmpty ? "no server of the file leads to Nexy" : nil) {
      return .skipped(reason)
    }
    return .good(told.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }.joined(separator: "; "))
  }
}

/// All rules, in the order in which they are told.
enum NginxRules {
  static let all: [NginxRule] = [
    voice, grpcHealth, health, status, updates, metrics, straight, runtime, loopback, http2, certificate, readTimeout,
    sendTimeout, bodySize, keepalive, downloads, cacheControl, once,
  ]
}
