import NIOSSL

/// What a server's certificate says.
package struct ServerCertificate: Sendable, Equatable {
  /// Host names and addresses it is for, wildcards included.
  package let names: [String]
  /// Seconds since 1970.
  package let validAfter: Int64
  /// Seconds since 1970.
  package let validUntil: Int64
  /// DER.
  let bytes: [UInt8]

  init(_ certificate: NIOSSLCertificate) throws {
    names = certificate._subjectAlternativeNames().compactMap { name in
      switch name.nameType {
      case .dnsName: String(decoding: name.contents, as: UTF8.self)
      case .ipAddress: Self.address([UInt8](name.contents))
      default: nil
      }
    }
    validAfter = Int64(certificate.notValidBefore)
    validUntil = Int64(certificate.notValidAfter)
    bytes = try certificate.toDERBytes()
  }

  /// Whether it is for a host: by name, by address, or by a wildcard for the first label (RFC 6125, 6.4.3).
  func isFor(_ host: String) -> Bool {
    let host = host.lowercased()
    return names.contains { name in
      let name = name.lowercased()
      if name == host { return true }
      guard name.hasPrefix("*."), let dot = host.firstIndex(of: ".") else { return false }
      return host[dot...] == name.dropFirst()
    }
  }

  private static func address(_ bytes: [UInt8]) -> String? {
    switch bytes.count {
    case 4: bytes.map(String.init).joined(separator: ".")
    case 16:
      stride(from: 0, to: 16, by: 2).map { String(Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]), radix: 16) }
        .joined(separator: ":")
    default: nil
    }
  }
}
