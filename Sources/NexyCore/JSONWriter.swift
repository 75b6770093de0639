/// Writes JSON the way a person reads it: two spaces a level, keys in order, slashes and letters as they are.
///
/// What `JSONReader` read comes back equal: integers stay integers, and a `Double` is written with as many digits as it
/// needs.
package struct JSONWriter {
  private let isIndented: Bool
  private var output: [UInt8] = []

  /// A document over several lines, with a newline at its end.
  package static func pretty(_ value: JSONValue) -> [UInt8] {
    var writer = JSONWriter(isIndented: true)
    writer.append(value, depth: 0)
    return writer.output + [0x0A]
  }

  /// A document on one line, with a newline at its end.
  package static func line(_ value: JSONValue) -> [UInt8] {
    var writer = JSONWriter(isIndented: false)
    writer.append(value, depth: 0)
    return writer.output + [0x0A]
  }

  private init(isIndented: Bool) { self.isIndented = isIndented }

  private mutating func append(_ value: JSONValue, depth: Int) {
    switch value {
    case .null: output += "null".utf8
    case .bool(let flag): output += (flag ? "true" : "false").utf8
    case .integer(let number): output += "\(number)".utf8
    // JSON has no word for what is no number.
    case .number(let number): output += (number.isFinite ? "\(number)" : "null").utf8
    case .string(let text): append(text)
    case .array(let elements):
      append(elements, between: ("[", "]"), depth: depth) { writer, element in
        writer.append(element, depth: depth + 1)
      }
    case .object(let members):
      let ordered = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      append(ordered, between: ("{", "}"), depth: depth) { writer, member in
        writer.append(member.key)
        writer.output += (writer.isIndented ? ": " : ":").utf8
        writer.append(member.value, depth: depth + 1)
      }
    }
  }

  private mutating func append<Part>(
    _ parts: [Part], between marks: (open: String, close: String), depth: Int, _ body: (inout Self, Part) -> Void
  ) {
    output += marks.open.utf8
    for (index, part) in parts.enumerated() {
      if index > 0 { output.append(UInt8(ascii: ",")) }
      breakLine(depth: depth + 1)
      body(&self, part)
    }
    if !parts.isEmpty { breakLine(depth: depth) }
    output += marks.close.utf8
  }

  private mutating func breakLine(depth: Int) {
    guard isIndented else { return }
    output.append(0x0A)
    output += repeatElement(0x20, count: depth * 2)
  }

  private mutating func append(_ text: String) {
    output.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): output += [UInt8(ascii: "\\"), byte]
      case 0x0A: output += "\\n".utf8
      case 0x0D: output += "\\r".utf8
      case 0x09: output += "\\t".utf8
      case 0..<0x20: output += "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8
      default: output.append(byte)
      }
    }
    output.append(UInt8(ascii: "\""))
  }
}
