import NexyCore

/// The server that is looked at: where its three listeners are, and how each is spoken to.
package struct CheckTarget: Sendable {
  /// One port, and whether it speaks TLS.
  package struct Listener: Sendable, Equatable {
    package let port: Int
    package let isSecure: Bool
  }

  package let host: String
  package let voice: Listener
  package let health: Listener
  package let updates: Listener
  package let trust: TLSTrust
  /// What the voice port showed of itself; nil for a port without TLS.
  package let certificate: ServerCertificate?
  /// Why nothing can be believed that comes from there; such as another certificate than the pinned one.
  package let refusal: String?

  /// Whether one port serves all three, as a proxy does.
  package var isIngress: Bool { voice.port == health.port }

  /// The address of a path, such as `https://example.org:443/health`.
  func address(_ listener: Listener, _ path: String) -> String {
    "\(listener.isSecure ? "https" : "http")://\(bracketedHost):\(listener.port)\(path)"
  }

  var bracketedHost: String { host.contains(":") ? "[\(host)]" : host }
}

extension CheckTarget: Encodable {
  private enum Key: String, CodingKey {
    case host, port, tls
    case httpPort = "http_port"
    case updatesPort = "updates_port"
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(host, forKey: .host)
    try container.encode(voice.port, forKey: .port)
    try container.encode(health.port, forKey: .httpPort)
    try container.encode(updates.port, forKey: .updatesPort)
    try container.encode(voice.isSecure ? "on" : "off", forKey: .tls)
  }
}
