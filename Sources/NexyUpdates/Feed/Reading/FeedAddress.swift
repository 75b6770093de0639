/// What a client looks at in a URL of a feed; read from the text, so that a bad URL has parts too.
struct FeedAddress {
  /// In lower case; nil for a relative URL, which Sparkle takes from the feed's own.
  let scheme: String?
  /// In lower case, without port and user.
  let host: String
  /// From the first slash on, without query and fragment.
  let path: String
  /// Whether it holds only characters that RFC 3986 allows.
  let isPlain: Bool

  init(_ text: String) {
    isPlain = !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"<>\\^`{|}".utf8.contains($0) }
    var rest = text[...]
    let head = text.prefix { $0 != ":" && $0 != "/" && $0 != "?" && $0 != "#" }
    let isScheme = head.endIndex < text.endIndex && text[head.endIndex] == ":" && head.first?.isLetter == true
    scheme = isScheme ? head.lowercased() : nil
    if isScheme { rest = rest[text.index(after: head.endIndex)...] }
    if rest.hasPrefix("//") {
      let authority = rest.dropFirst(2).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
      rest = rest[authority.endIndex...]
      let place = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
      host = (place.hasPrefix("[") ? place.prefix { $0 != "]" } : place.prefix { $0 != ":" }).lowercased()
    } else {
      host = ""
    }
    path = String(rest.prefix { $0 != "?" && $0 != "#" })
  }

  /// Whether Sparkle fetches from it: `http`, `https`, or relative to a feed that came so.
  var isWeb: Bool { scheme == nil || scheme == "https" || scheme == "http" }

  /// Whether the released client fetches from it: `https`, or this machine.
  var isSecure: Bool { scheme == "https" || (scheme == "http" && ["localhost", "127.0.0.1"].contains(host)) }

  /// The last part of the path.
  var fileName: Substring { path.split(separator: "/").last ?? "" }

  /// What follows the last dot of the file's name, in lower case.
  var suffix: String {
    guard let dot = fileName.lastIndex(of: ".") else { return "" }
    return fileName[fileName.index(after: dot)...].lowercased()
  }
}
