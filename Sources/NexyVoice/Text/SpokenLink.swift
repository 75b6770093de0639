import NexyCore

/// An address in a sentence, which is said as "example.com link" rather than spelled.
struct SpokenLink {
  /// What is said of the address: its host, or a mail address as it is.
  private let name: [Unicode.Scalar]
  private let isMail: Bool
  /// Where the text goes on.
  let end: Int

  private static let schemes = ["https://", "http://", "ftps://", "ftp://", "wss://", "ws://"]
    .map { Array($0.unicodeScalars) }
  private static let world = Array("www.".unicodeScalars)
  private static let mail = Array("mailto:".unicodeScalars)

  /// Reads the address that begins at `start`, if one does.
  init?(in text: [Unicode.Scalar], at start: Int) {
    let rest = text[start...]
    if Self.matches(rest, Self.mail) {
      let address = Self.extent(of: rest.dropFirst(Self.mail.count))
      name = Array(address.prefix { $0 != "?" })
      guard name.contains("@") else { return nil }
      isMail = true
      end = address.endIndex
      return
    }
    let scheme = Self.schemes.first { Self.matches(rest, $0) }
    guard scheme != nil || Self.matches(rest, Self.world) else { return nil }
    let address = Self.extent(of: rest)
    let host = Self.host(of: address.dropFirst(scheme?.count ?? 0))
    guard !host.isEmpty else { return nil }
    name = Array(host)
    isMail = false
    end = address.endIndex
  }

  func spoken(in language: Language) -> [Unicode.Scalar] {
    if isMail { return name }
    switch language {
    case .english: return name + Array(" link".unicodeScalars)
    case .russian: return Array("ссылка ".unicodeScalars) + name
    }
  }

  /// The language of a text's words, whatever the script of its addresses.
  static func language(around text: [Unicode.Scalar]) -> Language {
    var words = String.UnicodeScalarView()
    var index = 0
    while index < text.count {
      if index == 0 || !continues(text[index - 1]), let link = SpokenLink(in: text, at: index) {
        index = link.end
      } else {
        words.append(text[index])
        index += 1
      }
    }
    return Language(scriptOf: String(words)) ?? .english
  }

  /// Whether a word that goes on after `scalar` cannot begin an address.
  static func continues(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isWordPart || scalar == "." || scalar == "-" || scalar == "@" || scalar == "/"
  }

  static func hasScheme(_ text: ArraySlice<Unicode.Scalar>) -> Bool {
    matches(text, mail) || schemes.contains { matches(text, $0) }
  }

  private static func matches(_ text: ArraySlice<Unicode.Scalar>, _ prefix: [Unicode.Scalar]) -> Bool {
    guard text.count > prefix.count else { return false }
    return zip(text, prefix).allSatisfy { scalar, expected in
      scalar == expected || (scalar.isASCII && expected.value >= 0x61 && scalar.value | 0x20 == expected.value)
    }
  }

  /// As far as the address goes, without the punctuation of the sentence around it.
  private static func extent(of text: ArraySlice<Unicode.Scalar>) -> ArraySlice<Unicode.Scalar> {
    var address = text.prefix { !endsAddress($0) }
    let opened = address.count { $0 == "(" }
    var closed = address.count { $0 == ")" }
    while let last = address.last {
      switch last {
      case ".", ",", "!", "?", ":", ";", "'", "*", "_", "~", "…", "’", "-", "—", "–": break
      case ")" where closed > opened: closed -= 1
      default: return address
      }
      address.removeLast()
    }
    return address
  }

  private static func endsAddress(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case " ", "\n", "\t", "<", ">", "\"", "«", "»", "“", "”", "`", "{", "}", "[", "]", "|", "\\", "^": true
    default: scalar.value < 0x20 || scalar.properties.isWhitespace
    }
  }

  /// The host of what follows a scheme, without `www.`, user, port and path.
  private static func host(of address: ArraySlice<Unicode.Scalar>) -> ArraySlice<Unicode.Scalar> {
    var host = address.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    if let at = host.lastIndex(of: "@") { host = host[(at + 1)...] }
    host = host.prefix { $0.isWordPart || $0 == "." || $0 == "-" || $0 == "_" }
    while matches(host, world) { host = host.dropFirst(world.count) }
    host = host.drop { !$0.isWordPart }
    guard let last = host.lastIndex(where: \.isWordPart) else { return [] }
    // "www." by itself is no address.
    return host[...last].elementsEqual("www".unicodeScalars) ? [] : host[...last]
  }
}
