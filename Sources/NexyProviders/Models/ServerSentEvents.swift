import NIOCore

/// Reads `text/event-stream` from bytes that arrive cut anywhere, as the WHATWG HTML standard has it in section 9.2
/// (https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream).
///
/// `id` and `retry` are for clients that reconnect, and an answer is never resumed, so both are read over. An event
/// that the stream ends in is dropped.
package struct ServerSentEvents: Sendable {
  package struct Event: Sendable, Equatable {
    /// Such as `error`; `message` when the stream gives none.
    package var name: String
    package var data: [UInt8]
  }

  /// An event that passes the limit.
  package struct TooLarge: Error, Equatable {}

  /// Bytes that one event may have.
  package static let limit = 1 << 20
  private static let strayLimit = 64 * 1024

  /// Lines of none of the format's fields, also one that the stream ends in: some providers break off with a bare JSON
  /// error between the events.
  package var stray: [UInt8] { isField(line) ? strayLines : strayLines + line.prefix(Self.strayLimit) }

  private let limit: Int
  private var strayLines: [UInt8] = []
  private var line: [UInt8] = []
  private var name: [UInt8] = []
  /// The event's data, each line with a line feed after it.
  private var data: [UInt8] = []
  private var isFirstLine = true
  private var endedWithReturn = false

  package init(limit: Int = ServerSentEvents.limit) { self.limit = limit }

  /// The events that these bytes make whole.
  ///
  /// - Throws: `TooLarge`; the stream cannot be read on after it.
  package mutating func take(_ buffer: ByteBuffer) throws -> [Event] {
    try buffer.withUnsafeReadableBytes { try take($0) }
  }

  private mutating func take(_ bytes: UnsafeRawBufferPointer) throws -> [Event] {
    var events: [Event] = []
    var start = 0
    // A line feed after a carriage return belongs to the line before.
    if endedWithReturn, bytes.first == Self.lineFeed { start = 1 }
    if !bytes.isEmpty { endedWithReturn = false }
    while let end = bytes[start...].firstIndex(where: { $0 == Self.lineFeed || $0 == Self.carriageReturn }) {
      line += bytes[start..<end]
      if let event = try takeLine() { events.append(event) }
      start = end + 1
      guard bytes[end] == Self.carriageReturn else { continue }
      if start == bytes.count {
        endedWithReturn = true
      } else if bytes[start] == Self.lineFeed {
        start += 1
      }
    }
    line += bytes[start...]
    try checkSize()
    return events
  }

  /// Reads the line that is now whole; an empty one ends an event.
  private mutating func takeLine() throws -> Event? {
    defer { line.removeAll(keepingCapacity: true) }
    if isFirstLine {
      isFirstLine = false
      if line.starts(with: Self.byteOrderMark) { line.removeFirst(Self.byteOrderMark.count) }
    }
    try checkSize()
    guard !line.isEmpty else { return dispatch() }
    let field = line.prefix { $0 != Self.colon }
    var value = line[min(field.count + 1, line.count)...]
    if value.first == Self.space { value.removeFirst() }
    switch field {
    case Self.dataField:
      data += value
      data.append(Self.lineFeed)
    case Self.eventField: name = Array(value)
    case Self.idField, Self.retryField, Self.comment: break
    default: addStray()
    }
    return nil
  }

  private mutating func addStray() {
    guard strayLines.count < Self.strayLimit else { return }
    strayLines += line.prefix(Self.strayLimit - strayLines.count)
    strayLines.append(Self.lineFeed)
  }

  private func isField(_ line: [UInt8]) -> Bool {
    let fields = [Self.dataField, Self.eventField, Self.idField, Self.retryField, Self.comment]
    return fields.contains(line.prefix { $0 != Self.colon })
  }

  private mutating func dispatch() -> Event? {
    defer {
      name = []
      data = []
    }
    guard !data.isEmpty else { return nil }
    data.removeLast()
    return Event(name: name.isEmpty ? "message" : String(decoding: name, as: UTF8.self), data: data)
  }

  private func checkSize() throws {
    guard line.count + data.count + name.count <= limit else { throw TooLarge() }
  }
}

extension ServerSentEvents {
  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")
  private static let colon = UInt8(ascii: ":")
  private static let space = UInt8(ascii: " ")
  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
  private static let dataField = Array("data".utf8)[...]
  private static let eventField = Array("event".utf8)[...]
  private static let idField = Array("id".utf8)[...]
  private static let retryField = Array("retry".utf8)[...]
  private static let comment: ArraySlice<UInt8> = []
}
