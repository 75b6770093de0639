/// The client's machine, as it names itself (`hardware_id`): any text of at most 1,024 bytes but an empty, blank or
/// "unknown" one.
package struct DeviceID: Hashable, Sendable, CustomStringConvertible {
  /// A Mac's own identifier has 36 bytes; the limit keeps logs and tables bounded.
  private static let limit = 1024

  /// As the client sent it.
  package let text: String

  package init?(_ text: String) {
    guard text.utf8.count <= Self.limit else { return nil }
    let trimmed = text.trimmed
    guard !trimmed.isEmpty, trimmed.lowercased() != "unknown" else { return nil }
    self.text = text
  }

  package var description: String { text }
}

/// One conversation turn, as the client names it (`session_id`): a UUID of version 4 in any spelling Python's
/// `uuid.UUID` reads (dashes, braces, `urn:uuid:`), because released clients were checked by that.
package struct SessionID: Hashable, Sendable, CustomStringConvertible {
  /// The longest spelling, with its words, braces and dashes, has 49 bytes; a few more do no harm.
  private static let limit = 64

  /// The spelling the client sent, which is the one it gets back.
  package let text: String
  /// The 32 lower-case hexadecimal digits that make two spellings of one identifier equal.
  private let digits: String

  package init?(_ text: String) {
    guard text.utf8.count <= Self.limit else { return nil }
    // As Python does it: the words go wherever they stand, then braces at both ends, then dashes.
    var rest = text.replacing("urn:", with: "").replacing("uuid:", with: "")[...].drop { $0 == "{" || $0 == "}" }
    while rest.last == "{" || rest.last == "}" { rest.removeLast() }
    let digits = rest.filter { $0 != "-" }.lowercased()
    guard digits.utf8.count == 32, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) else { return nil }
    let version = digits.utf8[digits.utf8.index(digits.startIndex, offsetBy: 12)]
    let variant = digits.utf8[digits.utf8.index(digits.startIndex, offsetBy: 16)]
    guard version == UInt8(ascii: "4"), "89ab".utf8.contains(variant) else { return nil }
    self.text = text
    self.digits = digits
  }

  package var description: String { text }

  package static func == (one: SessionID, other: SessionID) -> Bool { one.digits == other.digits }
  package func hash(into hasher: inout Hasher) { hasher.combine(digits) }
}
