/// Reads a version by the grammar of Python's version specifiers, from left to right and greedily.
struct PackagingReader {
  private let bytes: [UInt8]
  private var index = 0

  private static let separators = Set("-_.".utf8)
  /// Longer spellings first, as the grammar tries them.
  private static let stages: [(String, PackagingVersion.Stage)] = [
    ("alpha", .alpha), ("a", .alpha), ("beta", .beta), ("b", .beta), ("preview", .candidate), ("pre", .candidate),
    ("c", .candidate), ("rc", .candidate),
  ]

  init(_ text: String) {
    var characters = text.unicodeScalars[...]
    while let first = characters.first, Self.isBlank(first) { characters.removeFirst() }
    while let last = characters.last, Self.isBlank(last) { characters.removeLast() }
    bytes = String(characters).utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
  }

  /// - Returns: whether the whole text is a version.
  mutating func read(into version: inout PackagingVersion) -> Bool {
    _ = take("v")
    guard var first = digits() else { return false }
    if take("!") {
      version.epoch = first
      guard let next = digits() else { return false }
      first = next
    }
    version.release = [first]
    while let next = attempt({ $0.take(".") ? $0.digits() : nil }) { version.release.append(next) }
    version.prerelease = attempt { $0.prerelease() }
    version.post = attempt { $0.take("-") ? $0.digits() : nil } ?? attempt { $0.numbered(["post", "rev", "r"]) }
    version.development = attempt { $0.numbered(["dev"]) }
    if take("+") {
      repeat {
        guard let part = localPart() else { return false }
        version.local.append(part)
      } while takeSeparator()
    }
    return index == bytes.count
  }

  private mutating func prerelease() -> PackagingVersion.Prerelease? {
    _ = takeSeparator()
    guard let (_, stage) = Self.stages.first(where: { take($0.0) }) else { return nil }
    return .init(stage: stage, number: trailingNumber())
  }

  private mutating func numbered(_ words: [String]) -> DigitString? {
    _ = takeSeparator()
    guard words.contains(where: { take($0) }) else { return nil }
    return trailingNumber()
  }

  /// A number that may follow a word, after a separator or not; without one it is 0.
  private mutating func trailingNumber() -> DigitString {
    _ = takeSeparator()
    return digits() ?? .zero
  }

  private mutating func localPart() -> PackagingVersion.LocalPart? {
    let start = index
    while index < bytes.count, DigitString.isDigit(bytes[index]) || (0x61...0x7A).contains(bytes[index]) { index += 1 }
    let part = bytes[start..<index]
    if part.isEmpty { return nil }
    if part.allSatisfy(DigitString.isDigit) { return .number(DigitString(part)) }
    return .word(String(decoding: part, as: UTF8.self))
  }

  private mutating func digits() -> DigitString? {
    let start = index
    while index < bytes.count, DigitString.isDigit(bytes[index]) { index += 1 }
    return index == start ? nil : DigitString(bytes[start..<index])
  }

  private mutating func take(_ word: String) -> Bool {
    guard bytes[index...].starts(with: word.utf8) else { return false }
    index += word.utf8.count
    return true
  }

  private mutating func takeSeparator() -> Bool {
    guard index < bytes.count, Self.separators.contains(bytes[index]) else { return false }
    index += 1
    return true
  }

  /// Goes back to where it was when nothing was found.
  private mutating func attempt<Found>(_ body: (inout Self) -> Found?) -> Found? {
    let start = index
    let found = body(&self)
    if found == nil { index = start }
    return found
  }

  private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isWhitespace || (0x1C...0x1F).contains(scalar.value)
  }
}
