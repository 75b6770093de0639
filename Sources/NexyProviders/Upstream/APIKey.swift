import NexyCore

/// A provider's key: it is sent, and never shown.
package struct APIKey: Sendable, Equatable {
  /// As the provider wants it, without the blanks that copying leaves around it.
  package let text: String

  /// Nil when nothing but blanks is left.
  package init?(_ text: String) {
    let trimmed = text.trimmed
    guard !trimmed.isEmpty else { return nil }
    self.text = trimmed
  }

  /// Its last four characters, by which an operator tells one key from another; nothing of a key that is short.
  package var ending: String { text.count >= 16 ? "…\(text.suffix(4))" : "…" }
}

extension APIKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { Redaction.mask }
  package var debugDescription: String { Redaction.mask }
  package var customMirror: Mirror { Mirror(self, children: [:]) }
}
