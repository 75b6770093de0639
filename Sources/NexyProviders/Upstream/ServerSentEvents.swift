/// Reads a stream of server-sent events from bytes that may be cut anywhere
/// (https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation).
///
/// `id` and `retry` are for reconnecting, which no caller here does; they are read over.
package struct ServerSentEvents {
  package struct Event: Sendable, Equatable {
    /// Empty when the server gave none.
    package var name: String
    /// UTF-8; several `data` lines are joined with a line feed.
    package var data: [UInt8]

    package init(name: String = "", data: [UInt8]) {
      self.name = name
      self.data = data
    }
  }

  /// A line or an event is longer than anything sensible.
  package struct TooLong: Error, Sendable, Equatable {
    package let limit: Int
  }

  /// Bytes of a line, and of an event's data.
  private let limit: Int
  private var line: [UInt8] = []
  private var name = ""
  /// Nil until the event has a `data` line.
  private var data: [UInt8]?
  private var lastWasCR = false
  private var isFirstLine = true

  /// - Parameters:
  ///   - limit: bytes of a line, and of an event's data.
  package init(limit: Int = 1 << 20) { self.limit = limit }

  /// The events that these bytes complete.
  package mutating func read(_ bytes: some Sequence<UInt8>) throws(TooLong) -> [Event] {
    var events: [Event] = []
    for byte in bytes {
      let followsCR = lastWasCR
      lastWasCR = byte == 0x0D
      switch byte {
      case 0x0A where followsCR: continue
      case 0x0A, 0x0D: if let event = try endLine() { events.append(event) }
      default:
        guard line.count < limit else { throw TooLong(limit: limit) }
        line.append(byte)
      }
    }
    return events
  }

  /// What an ended stream left without its empty line: servers forget it after their last event.
  package mutating func end() throws(TooLong) -> Event? {
    if !line.isEmpty { _ = try endLine() }
    return dispatched()
  }

  private mutating func endLine() throws(TooLong) -> Event? {
    defer { line.removeAll(keepingCapacity: true) }
    if isFirstLine {
      isFirstLine = false
      if line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
    }
    if line.isEmpty { return dispatched() }
    let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
    var value = line[colon...].dropFirst()
    if value.first == UInt8(ascii: " ") { value.removeFirst() }
    let field = line[..<colon]
    if field.elementsEqual("data".utf8) {
      guard (data?.count ?? 0) + value.count < limit else { throw TooLong(limit: limit) }
      if data == nil { data = [] } else { data?.append(0x0A) }
      data?.append(contentsOf: value)
    } else if field.elementsEqual("event".utf8) {
      name = String(decoding: value, as: UTF8.self)
    }
    return nil
  }

  /// An event without data is none.
  private mutating func dispatched() -> Event? {
    defer {
      name = ""
      data = nil
    }
    return data.map { Event(name: name, data: $0) }
  }
}
