/// The text on its way out, with one separator where two texts of a reply meet.
struct ReplyOutlet: Sendable {
  private enum Seam { case none, tight, blank, line }

  private var bytes: [UInt8] = []
  private var last: UInt8?
  private var seam = Seam.none

  /// Whether what is said next begins a line.
  var isAtLineStart: Bool { last == nil || last == ReplyByte.newline || seam != .none }

  /// Whether what is said next begins a word: a quote there may open something, one behind a word closes it.
  var isAtWordStart: Bool {
    guard let last, seam == .none else { return true }
    return ReplyByte.isWhite(last) || ":(>".utf8.contains(last)
  }

  /// Marks that the next text comes from another place of the reply than the last one.
  mutating func breakText() {
    if seam == .none { seam = .tight }
  }

  /// Remembers white space between two texts; it is said only as their separator.
  mutating func noteWhite(_ byte: UInt8) {
    switch seam {
    case .none, .line: break
    case .tight, .blank: seam = byte == ReplyByte.newline ? .line : .blank
    }
  }

  mutating func say(_ byte: UInt8) {
    join()
    bytes.append(byte)
    last = byte
  }

  mutating func say(_ text: ArraySlice<UInt8>) {
    guard let final = text.last else { return }
    join()
    bytes += text
    last = final
  }

  /// What was said since the last call.
  mutating func take() -> [UInt8] {
    defer { bytes = [] }
    return bytes
  }

  private mutating func join() {
    guard seam != .none else { return }
    if let last, !ReplyByte.isWhite(last) {
      bytes.append(seam == .blank ? ReplyByte.blank : ReplyByte.newline)
    }
    seam = .none
  }
}
