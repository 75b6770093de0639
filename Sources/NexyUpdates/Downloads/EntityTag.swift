/// A validator in quotes, <https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3>.
struct EntityTag: Equatable {
  /// What stands between the quotes.
  let opaque: String
  /// `W/` before the quotes: equal in meaning, not byte for byte.
  let isWeak: Bool

  /// What `If-Match` and `If-None-Match` list.
  enum List: Equatable {
    /// `*`: whatever there is.
    case any
    case tags([EntityTag])
  }

  /// Reads up to the first thing that is no tag: what stands behind it matches nothing.
  static func list(_ field: String) -> List {
    var rest = field.utf8[...]
    var tags: [EntityTag] = []
    func isSeparator(_ byte: UInt8) -> Bool { " \t,".utf8.contains(byte) }
    rest = rest.drop(while: isSeparator)
    if rest.first == UInt8(ascii: "*") { return rest.dropFirst().allSatisfy(isSeparator) ? .any : .tags([]) }
    while let tag = take(from: &rest) {
      tags.append(tag)
      guard rest.isEmpty || rest.first.map(isSeparator) == true else { break }
      rest = rest.drop(while: isSeparator)
    }
    return .tags(tags)
  }

  /// The only tag of `If-Range`; nil when the field holds something else.
  init?(_ field: String) {
    var rest = field.utf8[...]
    guard let tag = Self.take(from: &rest), rest.isEmpty else { return nil }
    self = tag
  }

  private init(opaque: String, isWeak: Bool) {
    self.opaque = opaque
    self.isWeak = isWeak
  }

  private static func take(from rest: inout Substring.UTF8View) -> EntityTag? {
    let isWeak = rest.starts(with: "W/".utf8)
    let quoted = isWeak ? rest.dropFirst(2) : rest
    guard quoted.first == UInt8(ascii: "\""),
      let end = quoted.dropFirst().firstIndex(of: UInt8(ascii: "\""))
    else { return nil }
    let opaque = Substring(quoted[quoted.index(after: quoted.startIndex)..<end])
    rest = quoted[quoted.index(after: end)...]
    return EntityTag(opaque: String(opaque), isWeak: isWeak)
  }
}
