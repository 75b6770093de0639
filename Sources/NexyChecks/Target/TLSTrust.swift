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

  /// - Parameter protocols: What is offered for HTTP (RFC 7301).
  /// - Throws: `NexyError` with code `badPEM`.
  func configuration(protocols: [String] = []) throws -> TLSConfiguration {
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.applicationProtocols = protocols
    switch self {
    case .system: break
    case .authorities(let path): tls.trustRoots = .certificates(try Self.certificates(path))
    // What is pinned was compared when the target was found.
    case .pinned, .anything: tls.certificateVerification = .none
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
