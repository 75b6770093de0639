import Foundation

/// Where a request may go: https anywhere, http to this machine alone.
struct WebAddress: Sendable, Equatable {
  let text: String
  /// Lower case.
  let scheme: String
  /// Lower case, an IPv6 address without its brackets.
  let host: String
  let port: Int

  /// Nil for what is no such address, also for one with a user's name in it.
  init?(_ text: String) {
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), let parts = URLComponents(string: text),
      let scheme = parts.scheme?.lowercased(), scheme == "https" || scheme == "http",
      let host = parts.host?.lowercased(), !host.isEmpty, parts.user == nil, parts.password == nil
    else { return nil }
    self.text = text
    self.scheme = scheme
    self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
    port = parts.port ?? (scheme == "https" ? 443 : 80)
    guard scheme == "https" || isLoopback else { return nil }
  }

  /// Whether it is this machine, by a name that no resolver can lead elsewhere: 127.0.0.0/8 and ::1 (RFC 1122, section
  /// 3.2.1.3; RFC 4291, section 2.5.3), and `localhost` (RFC 6761, section 6.3).
  var isLoopback: Bool {
    if host == "localhost" || host == "::1" { return true }
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
    return numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
  }

  func sharesOrigin(with other: WebAddress) -> Bool {
    scheme == other.scheme && host == other.host && port == other.port
  }

  /// Without the query, which holds the signature of an address that is good for a while.
  var forPeople: String { String(text.prefix { $0 != "?" && $0 != "#" }) }

  /// Where an answer's `Location` leads (RFC 9110, section 10.2.2,
  /// https://www.rfc-editor.org/rfc/rfc9110.html#section-10.2.2); nil where no request of ours goes, such as from https
  /// to another machine over http.
  func redirected(to location: String) -> WebAddress? {
    guard let base = URL(string: text), let url = URL(string: location, relativeTo: base) else { return nil }
    return WebAddress(String(url.absoluteString.prefix { $0 != "#" }))
  }
}
