import NexyCore
import Testing

@Suite("An error says what happened, and keeps internals for the log")
struct NexyErrorTests {
  private struct Cause: Error, CustomStringConvertible {
    let description = "socket 7 closed"
  }

  private let error = NexyError(
    .init("disk_full"), "The disk is full; free some space.", detail: "/data: 0 bytes", cause: Cause())

  @Test("it reads as its code and message, without detail or cause")
  func description() { #expect("\(error)" == "disk_full: The disk is full; free some space.") }

  @Test("its full detail has both its own and its cause's words")
  func fullDetail() { #expect(error.fullDetail == "/data: 0 bytes; socket 7 closed") }

  @Test("an error without detail or cause has no full detail")
  func noDetail() { #expect(NexyError(.init("a"), "b").fullDetail == nil) }
}

@Suite("A duration has milliseconds and seconds")
struct DurationsTests {
  private static let table: [(duration: Duration, milliseconds: Int64, seconds: Double)] = [
    (.zero, 0, 0), (.milliseconds(1), 1, 0.001), (.microseconds(1999), 1, 0.001_999), (.seconds(90), 90_000, 90),
    (.seconds(1) + .milliseconds(500), 1500, 1.5),
  ]

  @Test("milliseconds are whole, rounded down", arguments: table)
  func milliseconds(duration: Duration, milliseconds: Int64, seconds: Double) {
    #expect(duration.wholeMilliseconds == milliseconds)
  }

  @Test("seconds keep their fraction", arguments: table)
  func seconds(duration: Duration, milliseconds: Int64, seconds: Double) {
    #expect(abs(duration.inSeconds - seconds) < 1e-9)
  }
}
