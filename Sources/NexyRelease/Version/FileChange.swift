import Crypto
import Foundation

/// A file before and after, and what is put in the place of what.
struct FileChange: Sendable, Equatable {
  /// Bytes that a text takes the place of.
  struct Edit: Sendable, Equatable, Codable {
    let offset: Int
    let length: Int
    let text: String

    init(offset: Int, length: Int, text: String) {
      self.offset = offset
      self.length = length
      self.text = text
    }

    init(_ range: Range<Int>, _ text: String) {
      self.init(offset: range.lowerBound, length: range.count, text: text)
    }

    var range: Range<Int> { offset..<offset + length }
  }

  let path: String
  /// Nil for a file that is made.
  let old: [UInt8]?
  /// In the order of their offsets.
  let edits: [Edit]
  let new: [UInt8]

  init(path: String, old: [UInt8]?, edits: [Edit]) {
    self.path = path
    self.old = old
    self.edits = edits.sorted { $0.offset < $1.offset }
    new = Self.applied(self.edits, to: old ?? [])
  }

  /// Whether no edit touches another one's bytes.
  var isApart: Bool { zip(edits, edits.dropFirst()).allSatisfy { $0.range.upperBound <= $1.offset } }

  /// The bytes with the edits; those that reach beyond the end change nothing.
  static func applied(_ edits: [Edit], to bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for edit in edits.sorted(by: { $0.offset > $1.offset })
    where edit.offset >= 0 && edit.length >= 0 && edit.range.upperBound <= bytes.count {
      bytes.replaceSubrange(edit.range, with: Array(edit.text.utf8))
    }
    return bytes
  }

  /// 64 hexadecimal digits, lower case.
  static func checksum(_ bytes: [UInt8]) -> String {
    SHA256.hash(data: bytes).map { byte in
      String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
    }.joined()
  }
}
