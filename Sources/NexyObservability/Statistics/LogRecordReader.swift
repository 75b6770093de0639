#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Reads a line of either `LogFormat`.
package enum LogRecordReader {
  /// No line the server writes comes near it.
  static let longest = 1 << 20

  /// - Parameter line: Without its newline; a carriage return at the end is not part of it.
  package static func read(_ line: UnsafeRawBufferPointer) throws(LogFault) -> LogRecord {
    var line = line
    if line.last == UInt8(ascii: "\r") { line = UnsafeRawBufferPointer(rebasing: line.dropLast()) }
    guard line.count <= longest else { throw .tooLong }
    if line.holds("ts=", at: 0) { return try decision(line) }
    if line.first == UInt8(ascii: "{") { return try json(line) }
    throw line.allSatisfy { $0 == 0x20 || $0 == 0x09 } ? .empty : .foreign
  }

  /// `ts=… level=… scope=… [method=…] [decision=…] [ctx=…] [dur_ms=…] msg=…`, in this order.
  private static func decision(_ line: UnsafeRawBufferPointer) throws(LogFault) -> LogRecord {
    var record = LogRecord()
    var at = 3
    guard let time = LogTimestamp.milliseconds(word(line, &at)) else { throw .time }
    record.milliseconds = time
    guard skip("level=", line, &at) else { throw .cut }
    _ = word(line, &at)
    guard skip("scope=", line, &at) else { throw .cut }
    _ = word(line, &at)
    if skip("method=", line, &at) { record.method = lastPart(word(line, &at)) }
    if skip("decision=", line, &at) { record.decision = word(line, &at) }
    if skip("ctx=", line, &at) { try context(line, &at, &record) }
    if skip("dur_ms=", line, &at) {
      guard let duration = JSONCursor.digits(line, &at) else { throw .duration }
      guard at == line.count || line[at] == 0x20 else { throw .duration }
      record.duration = duration
    }
    guard skip("msg=", line, &at) else { throw .cut }
    return record
  }

  private static func json(_ line: UnsafeRawBufferPointer) throws(LogFault) -> LogRecord {
    var record = LogRecord()
    var fault = LogFault.object
    var (time, fields) = (LogRecord.Text(start: nil, count: 0), 0)
    var cursor = JSONCursor(bytes: line, at: 0)
    do throws(JSONCursor.Malformed) {
      try cursor.object { key, cursor throws(JSONCursor.Malformed) in
        if key.isEqual("ts") {
          fault = .time
          time = try cursor.string()
        } else if key.isEqual("method") {
          fault = .member
          record.method = lastPart(try cursor.string())
        } else if key.isEqual("decision") {
          fault = .member
          record.decision = try cursor.string()
        } else if key.isEqual("ctx") {
          fault = .context
          try context(&cursor, &record)
        } else if key.isEqual("dur_ms") {
          fault = .duration
          guard let duration = cursor.integer(), duration >= 0 else { throw JSONCursor.Malformed() }
          record.duration = duration
        } else if key.isEqual("level") || key.isEqual("scope") || key.isEqual("msg") {
          fault = .member
          _ = try cursor.string()
          fields += 1
        }
        fault = .object
      }
    } catch {
      throw fault
    }
    guard cursor.peek() == 0, cursor.at == line.count else { throw .object }
    guard let milliseconds = LogTimestamp.milliseconds(time) else { throw .time }
    guard fields >= 3 else { throw .cut }
    record.milliseconds = milliseconds
    return record
  }

  private static func context(
    _ line: UnsafeRawBufferPointer, _ at: inout Int, _ record: inout LogRecord
  ) throws(LogFault) {
    var cursor = JSONCursor(bytes: line, at: at)
    do throws(JSONCursor.Malformed) { try context(&cursor, &record) } catch { throw .context }
    at = cursor.at
    guard at < line.count else { throw .cut }
    guard line[at] == 0x20 else { throw .context }
  }

  @inline(__always)
  private static func context(_ cursor: inout JSONCursor, _ record: inout LogRecord) throws(JSONCursor.Malformed) {
    try cursor.object { key, cursor throws(JSONCursor.Malformed) in
      // Most keys are none of these, and most of those are told by their length.
      switch key.count {
      case 10 where cursor.isAtString && key.isEqual("error_type"): record.errorType = try cursor.string()
      case 10 where cursor.isAtString && key.isEqual("error_code"): record.errorCode = try cursor.string()
      case 16 where cursor.isAtString && key.isEqual("error_classified"): record.errorClass = try cursor.string()
      case 14 where key.isEqual("active_streams"): record.activeStreams = cursor.integer()
      default: return
      }
    }
  }

  /// The bytes up to the next blank.
  @inline(__always)
  private static func word(_ line: UnsafeRawBufferPointer, _ at: inout Int) -> UnsafeRawBufferPointer {
    let start = at
    while at < line.count, line[at] != 0x20 { at &+= 1 }
    return UnsafeRawBufferPointer(rebasing: line[start..<at])
  }

  /// Steps over a blank and the key, when they come next.
  @inline(__always)
  private static func skip(_ key: StaticString, _ line: UnsafeRawBufferPointer, _ at: inout Int) -> Bool {
    guard at < line.count, line[at] == 0x20, line.holds(key, at: at + 1) else { return false }
    at += 1 + key.utf8CodeUnitCount
    return true
  }

  @inline(__always)
  private static func lastPart(_ path: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    guard path.first == UInt8(ascii: "/"), let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return path }
    return UnsafeRawBufferPointer(rebasing: path[(slash + 1)...])
  }
}

extension JSONCursor {
  @inline(__always)
  fileprivate var isAtString: Bool { at < bytes.count && bytes[at] == UInt8(ascii: "\"") }
}

extension UnsafeRawBufferPointer {
  /// Whether these bytes stand at this place.
  @inline(__always)
  func holds(_ text: StaticString, at start: Int) -> Bool {
    guard let baseAddress, start + text.utf8CodeUnitCount <= count else { return false }
    return memcmp(baseAddress + start, text.utf8Start, text.utf8CodeUnitCount) == 0
  }

  @inline(__always)
  func isEqual(_ text: StaticString) -> Bool { count == text.utf8CodeUnitCount && holds(text, at: 0) }
}
