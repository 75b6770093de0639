/// Which provider, and with which of its keys.
package struct ProviderIdentity: Sendable, Hashable {
  package enum Kind: String, Sendable {
    case model, speech
  }

  package let kind: Kind
  /// As settings spell it.
  package let name: String
  /// The key's last four characters; nil where there is no key, or one too short to tell any of it.
  package let keyHint: String?

  package init(_ kind: Kind, name: String, keyHint: String? = nil) {
    self.kind = kind
    self.name = name
    self.keyHint = keyHint
  }

  /// What may be told of a key: its last four characters, if they are at most a quarter of it.
  package static func hint(of key: String) -> String? {
    key.count >= 16 ? String(key.suffix(4)) : nil
  }
}

extension ProviderIdentity: CustomStringConvertible {
  package var description: String { keyHint.map { "\(name) (key …\($0))" } ?? name }
}
