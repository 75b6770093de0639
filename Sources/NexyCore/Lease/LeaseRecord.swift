/// What a lease's file says: who holds it, and from when until when.
struct LeaseRecord: Sendable, Equatable {
  /// Room for every record; a file of a fixed size is written in one piece.
  static let length = 1024
  private static let longestName = 120

  /// What the holder does, in its own words.
  let owner: String
  let process: Int32
  let host: String
  /// Milliseconds since 1970.
  let since: Int64
  /// Milliseconds since 1970; from then on anybody may take it.
  var expires: Int64
  /// Tells this taking from every other one, also of the same process.
  let token: String

  init(owner: String, process: Int32, host: String, since: Int64, expires: Int64, token: String) {
    self.owner = Self.printable(owner)
    self.process = process
    self.host = Self.printable(host)
    self.since = since
    self.expires = expires
    self.token = token
  }

  /// - Returns: nil for anything but a whole record.
  init?(_ bytes: [UInt8]) {
    guard let members = try? JSONReader.document(bytes).value.object, let owner = members["owner"]?.string,
      case .integer(let process) = members["process"], let process = Int32(exactly: process),
      let host = members["host"]?.string, let since = Self.moment(members["since"]),
      let expires = Self.moment(members["expires"]), let token = members["token"]?.string
    else { return nil }
    self.init(owner: owner, process: process, host: host, since: since, expires: expires, token: token)
  }

  /// One line of JSON, with blanks up to `length`.
  var bytes: [UInt8] {
    let line = JSONWriter.line([
      "owner": .string(owner), "process": .integer(Int64(process)), "host": .string(host),
      "since": .string(ISO8601.text(milliseconds: since)), "expires": .string(ISO8601.text(milliseconds: expires)),
      "token": .string(token),
    ])
    return line + [UInt8](repeating: 0x20, count: max(0, Self.length - line.count))
  }

  private static func moment(_ value: JSONValue?) -> Int64? {
    value?.string.flatMap { ISO8601.milliseconds(of: $0) }
  }

  /// A name in an error must not write on a terminal what it likes.
  private static func printable(_ name: String) -> String {
    String(String.UnicodeScalarView(name.unicodeScalars.filter { $0.isASCII && $0.value >= 0x20 }.prefix(longestName)))
  }
}
