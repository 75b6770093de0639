/// A version as the released client reads it: Python's `packaging.version.parse`.
///
/// The grammar and the order are those of the Python packaging guide's version specifiers
/// (<https://packaging.python.org/en/latest/specifications/version-specifiers/>, formerly PEP 440).
package struct PackagingVersion: Sendable, Equatable {
  enum Stage: Int, Comparable, Sendable {
    case alpha
    case beta
    case candidate

    static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
  }

  struct Prerelease: Equatable, Sendable {
    var stage: Stage
    var number: DigitString
  }

  enum LocalPart: Equatable, Sendable {
    case word(String)
    case number(DigitString)
  }

  var epoch = DigitString.zero
  /// Without trailing zeros, so that `1.0` equals `1.0.0`.
  var release: [DigitString] = []
  var prerelease: Prerelease?
  var post: DigitString?
  var development: DigitString?
  var local: [LocalPart] = []

  /// - Returns: nil for what `packaging` calls an invalid version; the released client then does not update.
  package init?(_ text: String) {
    var reader = PackagingReader(text)
    guard reader.read(into: &self) else { return nil }
    while release.last?.isZero == true { release.removeLast() }
  }
}

extension PackagingVersion: Comparable {
  package static func < (one: Self, other: Self) -> Bool {
    if one.epoch != other.epoch { return one.epoch < other.epoch }
    if one.release != other.release { return one.release.lexicographicallyPrecedes(other.release) }
    if one.stageRank != other.stageRank { return one.stageRank < other.stageRank }
    if let mine = one.prerelease, let theirs = other.prerelease, mine.number != theirs.number {
      return mine.number < theirs.number
    }
    if one.post != other.post { return absentFirst(one.post, other.post) }
    if one.development != other.development { return absentLast(one.development, other.development) }
    return one.local.lexicographicallyPrecedes(other.local)
  }

  /// A development release alone comes first, then pre-releases by stage, then everything else.
  private var stageRank: Int {
    if let prerelease { return prerelease.stage.rawValue + 1 }
    return post == nil && development != nil ? 0 : Stage.candidate.rawValue + 2
  }

  /// Whether the first of two different numbers comes first, where a missing one is the lowest.
  private static func absentFirst(_ one: DigitString?, _ other: DigitString?) -> Bool {
    guard let other else { return false }
    return one.map { $0 < other } ?? true
  }

  /// Whether the first of two different numbers comes first, where a missing one is the highest.
  private static func absentLast(_ one: DigitString?, _ other: DigitString?) -> Bool {
    guard let one else { return false }
    return other.map { one < $0 } ?? true
  }
}

extension PackagingVersion.LocalPart: Comparable {
  /// Words come before numbers.
  static func < (one: Self, other: Self) -> Bool {
    switch (one, other) {
    case (.word(let one), .word(let two)): one < two
    case (.number(let one), .number(let two)): one < two
    case (.word, .number): true
    case (.number, .word): false
    }
  }
}
