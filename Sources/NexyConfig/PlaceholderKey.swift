/// What templates and tutorials have where a key belongs.
enum PlaceholderKey {
  private static let words: Set<String> = [
    "your", "changeme", "change", "replace", "placeholder", "insert", "example", "todo", "dummy", "put", "paste",
    "here", "key", "apikey", "api", "secret", "token",
  ]

  /// A real key is made by chance: none of its parts is one of these words.
  static func isPlaceholder(_ key: String) -> Bool {
    let parts = key.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    return parts.allSatisfy { Set($0).count == 1 } || parts.contains { words.contains($0) || $0.hasPrefix("your") }
      || key.contains { "<>{}…".contains($0) }
  }
}
