import NexyCore

/// Finds passwords and codes as people say them: "my password is blue horse", "ПИН от карты 4 4 5 5".
///
/// After the name of a secret, within its sentence, every word with a digit in it goes, and the words after "is", a
/// colon and their like up to the end of the clause. It rather hides too much than too little.
enum SpokenSecrets {
  private static let names: Set<String> = [
    "password", "passwords", "passcode", "passphrase", "pin", "pincode", "cvv", "cvc", "otp", "пароль", "пароля",
    "паролем", "пин", "пинкод", "пин-код", "пин-кода", "cvv-код",
  ]
  /// Words before "code" that make it a secret, and after "код".
  private static let codeKinds: Set<String> = [
    "access", "confirmation", "door", "one-time", "pin", "security", "verification", "безопасности", "доступа",
    "подтверждения",
  ]
  private static let links: Set<String> = ["are", "is", "was", "это", "такой", "=", ":", "-", "–", "—"]
  /// Verbs after which "to" links as well: "change my password to".
  private static let settingVerbs: Set<String> = [
    "change", "changed", "make", "reset", "set", "измени", "поменяй", "поставь", "сделай", "смени", "установи",
  ]
  private static let settingLinks: Set<String> = ["to", "на"]
  /// What is said about a password and is none.
  private static let remarks: Set<String> = [
    "correct", "expired", "incorrect", "invalid", "not", "required", "too", "wrong", "верный", "не", "неверный",
    "неправильный",
  ]
  /// Words after the name that may hold the secret.
  private static let reach = 12

  static func masked(_ text: String) -> String {
    var walk = Walk()
    var output = ""
    var rest = text[...]
    while !rest.isEmpty {
      let blank = rest.prefix { $0.isWhitespace }
      if blank.contains(where: \.isNewline) { walk.endSentence() }
      rest = rest[blank.endIndex...]
      let word = rest.prefix { !$0.isWhitespace }
      rest = rest[word.endIndex...]
      switch walk.take(word) {
      case .plain: output += blank + word
      case .secret: output += blank + Redaction.mask
      case .moreOfSecret: break
      }
    }
    return output
  }

  private enum Verdict { case plain, secret, moreOfSecret }

  /// Where in its sentence the walk over the words is.
  private struct Walk {
    /// Words that may still belong to the secret; 0 outside.
    private var left = 0
    private var isLinked = false
    private var isMasking = false
    private var sets = false
    private var previous = ""

    mutating func endSentence() { self = Walk() }

    mutating func take(_ word: Substring) -> Verdict {
      let bare = String(word.drop { !$0.isLetter && !$0.isNumber }).trimmingSuffix { !$0.isLetter && !$0.isNumber }
        .lowercased()
      defer { end(after: word, bare) }
      if names.contains(bare) || isCode(bare) {
        (left, isLinked, isMasking) = (reach, word.hasSuffix(":") || word.hasSuffix("="), false)
        return .plain
      }
      if settingVerbs.contains(bare) { sets = true }
      guard left > 0 else { return .plain }
      left -= 1
      if bare.contains(where: \.isNumber) { return mask() }
      if isMasking && isLinked { return .moreOfSecret }
      if links.contains(bare) || links.contains(String(word)) || sets && settingLinks.contains(bare) {
        isLinked = true
        return .plain
      }
      if isLinked && !remarks.contains(bare) { return mask() }
      (isLinked, isMasking) = (false, false)
      return .plain
    }

    private mutating func mask() -> Verdict {
      defer { isMasking = true }
      return isMasking ? .moreOfSecret : .secret
    }

    private func isCode(_ bare: String) -> Bool {
      bare == "code" && codeKinds.contains(previous) || codeKinds.contains(bare) && previous == "код"
    }

    private mutating func end(after word: Substring, _ bare: String) {
      previous = bare
      switch word.last {
      case ".", "!", "?": endSentence()
      case ",", ";": if isMasking { (isLinked, isMasking) = (false, false) }
      default: break
      }
    }
  }
}

extension String {
  fileprivate func trimmingSuffix(while isUnwanted: (Character) -> Bool) -> String {
    var text = self[...]
    while let last = text.last, isUnwanted(last) { text.removeLast() }
    return String(text)
  }
}
