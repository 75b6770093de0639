import NIOCore

/// The name that TLS tells a server (RFC 6066, 3).
enum ServerName {
  /// - Returns: nil for an address, which is no server name.
  static func of(_ host: String) -> String? {
    (try? SocketAddress(ipAddress: host, port: 0)) == nil ? host : nil
  }
}
