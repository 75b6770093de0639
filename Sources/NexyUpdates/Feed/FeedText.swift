/// What a feed says, made fit for a sentence: short, on one line, and without characters that steer a terminal.
enum FeedText {
  private static let limit = 60

  static func plain(_ text: some StringProtocol) -> String {
    let scalars = text.unicodeScalars.prefix(limit + 1)
    let clean = scalars.prefix(limit).map { scalar -> Character in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: " "
      default: Character(scalar)
      }
    }
    return String(clean) + (scalars.count > limit ? "…" : "")
  }

  static func quoted(_ text: some StringProtocol) -> String { "`\(plain(text))`" }
}
