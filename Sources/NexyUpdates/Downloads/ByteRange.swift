/// Which bytes of a file a `Range` field asks for, <https://www.rfc-editor.org/rfc/rfc9110#section-14.1.2>.
///
/// Several ranges in one field are served as the whole file, which the RFC allows: resuming clients ask for one, and
/// a `multipart/byteranges` answer would only be a way to make a server send a file many times over.
enum ByteRange: Equatable {
  /// No field, another unit, a field that is not well formed, or several ranges.
  case whole
  /// These bytes, within the file and at least one.
  case part(Range<Int64>)
  /// One range that lies outside of the file.
  case unsatisfiable

  /// - Parameter size: Bytes in the file.
  static func parse(_ field: String?, size: Int64) -> ByteRange {
    guard let field, let equals = field.utf8.firstIndex(of: UInt8(ascii: "=")),
      field[..<equals].lowercased() == "bytes"
    else { return .whole }
    // Empty elements of a list count for nothing (section 5.6.1.2).
    let elements = field[field.utf8.index(after: equals)...].utf8.split(separator: UInt8(ascii: ","))
      .map(withoutBlanks).filter { !$0.isEmpty }
    guard elements.count == 1 else { return .whole }
    return parse(elements[0], size: size)
  }

  private static func parse(_ element: Substring.UTF8View, size: Int64) -> ByteRange {
    guard let dash = element.firstIndex(of: UInt8(ascii: "-")) else { return .whole }
    let (before, after) = (element[..<dash], element[element.index(after: dash)...])
    guard let first = number(before), let last = number(after) else { return .whole }
    switch (first, last) {
    case (nil, nil): return .whole
    case (nil, let count?):
      guard count > 0 else { return .unsatisfiable }
      // Of an empty file there is no part that Content-Range could tell, but its last bytes are all of it.
      return size == 0 ? .whole : .part(max(0, size - count)..<size)
    case (let first?, nil): return first < size ? .part(first..<size) : .unsatisfiable
    case (let first?, let last?):
      guard first <= last else { return .whole }
      return first < size ? .part(first..<min(last, size - 1) + 1) : .unsatisfiable
    }
  }

  /// Nil when there is something else than digits; `.some(nil)` when there is nothing. What does not fit is the largest
  /// number: it lies behind the end of every file.
  private static func number(_ digits: Substring.UTF8View) -> Int64?? {
    guard !digits.isEmpty else { return .some(nil) }
    var value: Int64 = 0
    for digit in digits {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
      let (product, overflowed) = value.multipliedReportingOverflow(by: 10)
      let (sum, carried) = product.addingReportingOverflow(Int64(digit - UInt8(ascii: "0")))
      value = overflowed || carried ? .max : sum
    }
    return value
  }

  private static func withoutBlanks(_ text: Substring.UTF8View) -> Substring.UTF8View {
    func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    var rest = text.drop(while: isBlank)
    while let last = rest.last, isBlank(last) { rest.removeLast() }
    return rest
  }
}
