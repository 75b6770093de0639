import NexyCore

/// An https URL in its strictest spelling: what two programs could read in two ways is refused.
///
/// This machine may be asked with http, as the released client does: a whole release day then runs without a
/// certificate.
enum HTTPSAddress {
  private static let schemes = ["https://", "http://"]
  /// Hosts that the released client fetches from with http.
  private static let thisMachine: Set<String> = ["localhost", "127.0.0.1"]

  /// The parts between the scheme and the end.
  struct Parts {
    /// Lower case.
    let authority: String
    /// From the first slash to the query; empty, or a slash first.
    let path: Substring
    let hasQueryOrFragment: Bool
  }

  /// Why a text is no https URL that is safe to hand on; nil when it is one.
  static func problem(_ text: String) -> String? {
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"\\\"<>^`{|}".utf8.contains($0) }) else {
      return "it holds blanks, control characters or letters that a URL does not have."
    }
    let parts = parts(text)
    guard text.hasPrefix("https://") || text.hasPrefix("http://") && isThisMachine(parts.authority) else {
      return "it does not begin with https://."
    }
    guard !parts.authority.isEmpty else { return "it names no host." }
    guard !parts.authority.contains("@") else { return "a user's name stands before the host." }
    guard parts.authority.utf8.allSatisfy({ $0.isLetterOrDigit || ".-:[]".utf8.contains($0) }) else {
      return "its host holds characters that no host has."
    }
    return nil
  }

  static func isThisMachine(_ authority: String) -> Bool {
    let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count <= 2 && thisMachine.contains(String(parts[0]))
      && parts.dropFirst().allSatisfy { UInt16($0) != nil }
  }

  static func parts(_ text: String) -> Parts {
    let rest = text.dropFirst(schemes.first { text.hasPrefix($0) }?.count ?? 0)
    let authority = rest.prefix { !"/?#".contains($0) }
    let path = rest.dropFirst(authority.count).prefix { $0 != "?" && $0 != "#" }
    let isWhole = authority.count + path.count == rest.count
    return Parts(authority: authority.lowercased(), path: path, hasQueryOrFragment: !isWhole)
  }

  /// The text with `%41` read as `A`; nil when a percent sign stands alone or what comes out is no printable text.
  static func decoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = rest.prefix(2)
      guard digits.count == 2, digits.allSatisfy(\.isHexadecimalDigit),
        let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
      else { return nil }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }
}

/// Whether clients may be sent to a URL for an artifact.
enum ArtifactURL {
  struct Problem: Equatable {
    let rule: String
    let message: String
    let remedy: String

    init(_ rule: String, _ message: String, _ remedy: String) {
      self.rule = rule
      self.message = message
      self.remedy = remedy
    }
  }

  /// Everything that is wrong with it; a text that is no https URL at all has one problem.
  ///
  /// A host is compared as it is written, so neither an IP address in any spelling, nor a dot at its end, nor a percent
  /// sign in it can stand for an allowed one.
  static func problems(_ text: String, allowedHosts: Set<String>) -> [Problem] {
    if let problem = HTTPSAddress.problem(text) {
      return [Problem("url-https", problem, "Give the https URL of the artifact.")]
    }
    let parts = HTTPSAddress.parts(text)
    var problems: [Problem] = []
    let isAllowed =
      text.hasPrefix("https://") ? isAllowed(parts.authority, allowedHosts) : allowedHosts.contains(parts.authority)
    if !isAllowed {
      problems.append(
        Problem(
          "url-host", "no artifact may come from this host or port.",
          "Use one of \(allowedHosts.sorted().joined(separator: ", ")), or add the host to UPDATE_ALLOWED_HOSTS."))
    }
    if parts.hasQueryOrFragment {
      problems.append(
        Problem(
          "url-query", "the released client goes by the end of a URL, and this one has a query or a fragment there.",
          "Give a URL that ends in the file's name."))
    }
    problems += pathProblems(parts.path)
    return problems
  }

  private static func isAllowed(_ authority: String, _ allowedHosts: Set<String>) -> Bool {
    allowedHosts.contains(authority)
      || allowedHosts.contains("\(authority):443")
      || authority.hasSuffix(":443") && allowedHosts.contains(String(authority.dropLast(":443".count)))
  }

  private static func pathProblems(_ path: Substring) -> [Problem] {
    let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
      .map { HTTPSAddress.decoded($0) }
    guard let name = segments.last, let name, !name.isEmpty else {
      return [Problem("url-file", "no file's name stands at its end.", "Give a URL that ends in the file's name.")]
    }
    guard segments.allSatisfy({ isPlain($0) }) else {
      return [Problem("url-path", "its path goes up, or hides a slash.", "Give the path as it is, without dots.")]
    }
    let lowered = name.lowercased()
    if lowered.hasPrefix("appcast"), lowered.hasSuffix(".xml") {
      return [Problem("url-feed", "it is a feed and no artifact.", "Give the URL of the dmg or pkg.")]
    }
    return []
  }

  private static func isPlain(_ segment: String?) -> Bool {
    guard let segment, !segment.isEmpty, segment != ".", segment != ".." else { return false }
    return !segment.contains { $0 == "/" || $0 == "\\" }
  }
}
