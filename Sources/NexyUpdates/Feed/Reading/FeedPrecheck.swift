import NexyCore

/// What is looked for in a feed's bytes before an XML parser sees them.
///
/// Foundation's parser passes over a document type and over the entities it declares without a word, so they are
/// refused here: a feed needs none, and they are how a document reads files or grows without end. The walk is sound
/// because only UTF-8 comes this far.
enum FeedPrecheck {
  /// - Parameter tagBytes: how long one tag may be; a parser's work may grow with the square of its attributes.
  static func check(_ bytes: [UInt8], tagBytes: Int) throws(NexyError) {
    try checkEncoding(bytes)
    var index = 0
    while let start = bytes[index...].firstIndex(of: UInt8(ascii: "<")) {
      let rest = bytes[start...]
      if rest.starts(with: "<!--".utf8) {
        index = end(of: "-->", in: bytes, from: start + 4)
      } else if rest.starts(with: "<![CDATA[".utf8) {
        index = end(of: "]]>", in: bytes, from: start + 9)
      } else if rest.starts(with: "<?".utf8) {
        index = end(of: "?>", in: bytes, from: start + 2)
      } else if rest.starts(with: "<!".utf8) {
        throw .feedUnreadable(
          line: line(of: start, in: bytes), "has a document type declaration", "Remove it; a feed needs none.")
      } else {
        index = endOfTag(in: bytes, from: start + 1)
        if index - start > tagBytes {
          throw .feedUnreadable(
            line: line(of: start, in: bytes), "has a tag longer than \(tagBytes) bytes", "Shorten its attributes.")
        }
      }
    }
  }

  private static func checkEncoding(_ bytes: [UInt8]) throws(NexyError) {
    if let null = bytes.firstIndex(of: 0) {
      throw .feedUnreadable(line: line(of: null, in: bytes), "is not UTF-8 text", "Write it in UTF-8.")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .feedUnreadable(line: nil, "is not UTF-8 text", "Write it in UTF-8.")
    }
    let declaration = text.unicodeScalars.drop { $0 == "\u{FEFF}" }
    guard declaration.starts(with: "<?xml".unicodeScalars) else { return }
    let head = String(declaration.prefix { $0 != ">" }.prefix(256)).lowercased()
    guard let named = head.split(separator: "encoding", maxSplits: 1).dropFirst().first else { return }
    let encoding = named.drop { " \t\r\n='\"".contains($0) }.prefix { !" \t\r\n'\"?".contains($0) }
    guard ["utf-8", "utf8", "us-ascii", "ascii"].contains(encoding) else {
      throw .feedUnreadable(line: 1, "declares an encoding other than UTF-8", "Write it in UTF-8.")
    }
  }

  /// Where a mark ends; the end of the bytes when it never comes, which the parser then reports.
  private static func end(of mark: String, in bytes: [UInt8], from start: Int) -> Int {
    let mark = Array(mark.utf8)
    var index = min(start, bytes.count)
    while index < bytes.count {
      if bytes[index] == mark[0], bytes[index...].starts(with: mark) { return index + mark.count }
      index += 1
    }
    return bytes.count
  }

  private static func endOfTag(in bytes: [UInt8], from start: Int) -> Int {
    var quote: UInt8?
    for index in start..<bytes.count {
      let byte = bytes[index]
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        quote = byte
      } else if byte == UInt8(ascii: ">") {
        return index + 1
      }
    }
    return bytes.count
  }

  private static func line(of index: Int, in bytes: [UInt8]) -> Int {
    bytes[..<index].count { $0 == UInt8(ascii: "\n") } + 1
  }
}
