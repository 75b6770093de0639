import NIOCore
import Testing

@testable import NexyProviders

@Suite struct ServerSentEventsTests {
  struct Case: Sendable {
    var stream: String
    var events: [String]
    init(_ stream: String, _ events: [String]) {
      self.stream = stream
      self.events = events
    }
  }

  /// As `name|data`. The first rows are the examples of the standard, section 9.2.
  static let cases: [Case] = [
    Case("data: YHOO\ndata: +2\ndata: 10\n\n", ["message|YHOO\n+2\n10"]),
    Case(
      ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
      ["message|first event", "message|second event", "message| third event"]),
    Case("data\n\ndata\ndata\n\ndata:", ["message|", "message|\n"]),
    Case("data:test\n\ndata: test\n\n", ["message|test", "message|test"]),
    Case("event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\n", ["add|73857293", "remove|2153"]),
    Case("data: a\r\n\r\ndata: b\r\rdata: c\n\n", ["message|a", "message|b", "message|c"]),
    Case("data: a\r\ndata: b\r\n\r\n", ["message|a\nb"]),
    Case("\u{FEFF}data: a\n\n", ["message|a"]),
    Case("data: a\n\n\u{FEFF}data: b\n\n", ["message|a"]),
    Case("event: lonely\n\ndata: a\n\n", ["message|a"]),
    Case("retry: 10\n\n: keep alive\n\n\n\ndata: a:b: c\n\n", ["message|a:b: c"]),
    Case("data: Привет 👩‍👩‍👧 ё\n\n", ["message|Привет 👩‍👩‍👧 ё"]),
    Case("data: not ended\n", []),
    Case("", []),
  ]

  private func read(_ pieces: [ArraySlice<UInt8>]) throws -> [String] {
    var events = ServerSentEvents()
    return try pieces.flatMap { try events.take(ByteBuffer(bytes: $0)) }
      .map { "\($0.name)|\(String(decoding: $0.data, as: UTF8.self))" }
  }

  @Test(arguments: cases) func `a stream gives its events however it is cut`(_ example: Case) throws {
    let bytes = Array(example.stream.utf8)
    #expect(try read([bytes[...]]) == example.events)
    let single = try read(bytes.indices.map { bytes[$0...$0] })
    #expect(single == example.events)
    for cut in bytes.indices {
      #expect(try read([bytes[..<cut], bytes[cut...]]) == example.events, "cut at \(cut)")
      #expect(try read([bytes[..<cut], [], bytes[cut...]]) == example.events, "a pause at \(cut)")
    }
  }

  @Test(arguments: ["data: ", "event: ", "data: x\ndata: x\ndata: ", "unheard of: ", "", ": "])
  func `an event without an end is refused`(_ beginning: String) {
    var events = ServerSentEvents(limit: 1000)
    #expect(throws: ServerSentEvents.TooLarge()) {
      _ = try events.take(ByteBuffer(string: beginning))
      for _ in 0..<100 { _ = try events.take(ByteBuffer(string: "0123456789ab")) }
    }
  }

  @Test func `an event of many lines is refused at the limit`() {
    var events = ServerSentEvents(limit: 1000)
    #expect(throws: ServerSentEvents.TooLarge()) {
      for _ in 0..<100 { _ = try events.take(ByteBuffer(string: "data: 0123456789\n")) }
    }
  }

  @Test func `the limit is of each event and not of all`() throws {
    var events = ServerSentEvents(limit: 100)
    for _ in 0..<100 {
      let taken = try events.take(ByteBuffer(string: "data: 0123456789\n\n"))
      #expect(taken.count == 1)
    }
  }

  @Test func `an error that the stream ends in is kept as well, and a field is not`() throws {
    var events = ServerSentEvents()
    _ = try events.take(ByteBuffer(string: "{\"error\":"))
    _ = try events.take(ByteBuffer(string: " 1}"))
    #expect(String(decoding: events.stray, as: UTF8.self) == "{\"error\": 1}")
    var others = ServerSentEvents()
    _ = try others.take(ByteBuffer(string: "data: {\"half\""))
    #expect(others.stray.isEmpty)
  }

  @Test func `lines of no field are kept for whoever looks for an error`() throws {
    var events = ServerSentEvents()
    let taken = try events.take(ByteBuffer(string: "data: a\n\n{\n  \"error\": 1\n}\n"))
    #expect(taken.count == 1)
    #expect(String(decoding: events.stray, as: UTF8.self) == "{\n  \"error\": 1\n}\n")
  }
}
