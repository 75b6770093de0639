/// The name of a file that may be downloaded: bytes, because `==` of `String` takes different spellings of one letter
/// for the same name.
package enum DownloadName {
  /// The longest name of every usual file system.
  private static let limit = 255
  /// What editors, browsers and our own `AtomicFile` call a file that is not whole yet.
  private static let unfinished = [".tmp", ".temp", ".part", ".partial", ".crdownload", ".download", ".swp", "~"]

  /// A path segment with its escapes decoded once; nil when an escape is broken or the name too long.
  static func decode(_ segment: Substring) -> [UInt8]? {
    var bytes: [UInt8] = []
    var rest = segment.utf8[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%") {
        guard let high = rest.popFirst().flatMap(hexValue), let low = rest.popFirst().flatMap(hexValue) else {
          return nil
        }
        bytes.append(high << 4 | low)
      } else {
        bytes.append(byte)
      }
      guard bytes.count <= limit else { return nil }
    }
    return bytes
  }

  /// The name as text; nil for what is never served: hidden and unfinished files, control characters, no UTF-8.
  package static func text(_ bytes: some Collection<UInt8>) -> String? {
    guard let first = bytes.first, first != UInt8(ascii: "."), bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }),
      !bytes.contains(UInt8(ascii: "/")), let name = String(validating: bytes, as: UTF8.self)
    else { return nil }
    let lower = name.lowercased()
    return unfinished.contains { lower.hasSuffix($0) } ? nil : name
  }

  private static func hexValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
