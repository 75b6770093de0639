import NIOSSL
import NexyCore

/// What of a server's certificate is believed.
package enum TLSTrust: Sendable, Equatable {
  /// The system's authorities.
  case system
  /// The authorities of a PEM file, and no others.
  case authorities(path: String)
  /// Exactly the certificate of a PEM file, whatever name and days it has.
  case pinned(path: String)
  /// Anything.
  case anything

  /// For a line of a report.
  var told: String {
    switch self {
    case .system: "the system's authorities"
    case .authorities(let path): "the authorities of \(path)"
    case .pinned(let path): "the certificate of \(path)"
    case .anything: "anybody"
    }
  }

  /// - Throws: `NexyError` with code `badPEM`, of a file that cannot be used.
  package func check() throws { _ = try configuration() }

  /// - Parameter protocols: What is offered for HTTP (RFC 7301).
  /// - Throws: `NexyError` with code `badPEM`.
  func configuration(protocols: [String] = []) throws -> TLSConfiguration {
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.applicationProtocols = protocols
    switch self {
    case .system: break
    case .authorities(let path): tls.trustRoots = .certificates(try Self.certificates(path))
    // What is pinned is compared when the target is found.
    case .pinned(let path):
      _ = try Self.certificates(path)
      tls.certificateVerification = .none
    case .anything: tls.certificateVerification = .none
    }
    return tls
  }

  /// For other hosts than the server that is looked at, such as one that keeps releases: the system's authorities, and
  /// those of a file as well; or anybody.
  ///
  /// - Throws: `NexyError` with code `badPEM`.
  func configurationForOthers() throws -> TLSConfiguration {
    var tls = TLSConfiguration.makeClientConfiguration()
    switch self {
    case .system, .pinned: break
    case .authorities(let path): tls.additionalTrustRoots = [.certificates(try Self.certificates(path))]
    case .anything: tls.certificateVerification = .none
    }
    return tls
  }

  /// - Throws: `NexyError` with code `badPEM`.
  static func certificates(_ path: String) throws -> [NIOSSLCertificate] {
    do { return try NIOSSLCertificate.fromPEMFile(path) } catch {
      throw NexyError(.badPEM, "\(path) is no PEM file with certificates. Check the path.", cause: error)
    }
  }
}

extension NexyError.Code {
  /// A file that should hold certificates does not.
  static let badPEM = Self("bad_pem")
}
