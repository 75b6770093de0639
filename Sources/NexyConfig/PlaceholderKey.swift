/// What templates and tutorials have where a key belongs.
enum PlaceholderKey {
  private static let words: Set<String> = [
    "changeme", "example", "here", "insert", "placeholder", "replace", "todo", "your",
  ]

  /// A real key is made by chance, or by somebody for a server of their own: none of its parts is one of these words.
  static func isPlaceholder(_ key: String) -> Bool {
    let parts = key.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    return parts.allSatisfy { Set($0).count == 1 } || parts.contains { words.contains($0) || $0.hasPrefix("your") }
      || key.contains { "<>{}…".contains($0) }
  }
}
