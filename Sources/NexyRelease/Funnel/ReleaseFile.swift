import NexyUpdates

/// One file of a release: what it is for, and which bytes it is.
package struct ReleaseFile: Sendable, Equatable, Codable {
  /// What a file is for; its fixed name is the same in every inbox and on every shelf.
  package enum Role: String, Sendable, Codable, CaseIterable {
    case dmg
    case pkg
    case notes

    /// Such as `Nexy.dmg`.
    package var fileName: String {
      switch self {
      case .dmg: "Nexy.dmg"
      case .pkg: "Nexy.pkg"
      case .notes: "LATEST_CHANGES.md"
      }
    }
  }

  package let role: Role
  /// Bytes.
  package let size: Int64
  /// 64 hexadecimal digits, lower case.
  package let sha256: String
  /// Ed25519 over the file's bytes, base64 of 64 bytes; nil for an unsigned one.
  package var signature: String?
  /// Where it was put; nil for a file that is on no shelf yet.
  package var place: Place?

  /// A file's place on a shelf.
  package struct Place: Sendable, Equatable, Codable {
    package let tag: String
    package let name: String
    /// Where clients download it from.
    package let url: String

    package init(tag: String, name: String, url: String) {
      self.tag = tag
      self.name = name
      self.url = url
    }
  }

  package init(role: Role, size: Int64, sha256: String, signature: String? = nil, place: Place? = nil) {
    self.role = role
    self.size = size
    self.sha256 = sha256
    self.signature = signature
    self.place = place
  }

  package var digest: FileDigest { FileDigest(size: size, sha256: sha256) }

  /// Whether it is the same file, wherever it was put.
  package func hasBytes(of other: Self) -> Bool { role == other.role && size == other.size && sha256 == other.sha256 }

  /// The name that no other bytes ever have, such as `Nexy-2.0.0.16-0123456789ab.dmg`.
  package func contentName(version: String) -> String {
    let parts = role.fileName.split(separator: ".")
    return "\(parts[0])-\(version)-\(sha256.prefix(12)).\(parts[1])"
  }

  /// The name that a file has on its shelf before it gets the fixed one.
  package var incomingName: String { "\(Self.incoming)\(sha256.prefix(12))-\(role.fileName)" }

  /// What files on their way in begin with.
  package static let incoming = "incoming-"
  /// What files on their way out begin with.
  package static let outgoing = "outgoing-"
}
