import NIOHPACK
import NexyCore
import Testing

@testable import NexyServer

@Suite("A call's own deadline is read as gRPC writes it")
struct GRPCTimeoutTests {
  private static let timeouts: [(text: String, duration: Duration?)] = [
    ("1S", .seconds(1)), ("250m", .milliseconds(250)), ("3u", .microseconds(3)),
    ("99999999n", .nanoseconds(99_999_999)),
    ("2M", .seconds(120)), ("1H", .seconds(3600)), ("0S", .zero), ("00000001S", .seconds(1)),
    ("-1S", nil), ("+1S", nil), ("1", nil), ("S", nil), ("", nil), ("1s", nil), ("1.5S", nil), ("100000000S", nil),
    ("1 S", nil), ("١S", nil), ("1SS", nil), (" 1S", nil),
  ]

  @Test("a timeout is", arguments: timeouts)
  func timeout(text: String, duration: Duration?) {
    #expect(GRPCTimeout.duration(of: text) == duration)
  }

  private static let kept: [(values: [String], isKept: Bool)] = [
    (["1S"], true), (["86400S"], true), (["86401S"], false), (["25H"], false), (["-1S"], false), (["-1n"], false),
    (["99999999H"], false), (["x"], false), ([""], false), (["1S", "2S"], false), ([], false),
  ]

  @Test("a header that the library would not survive is dropped, and nothing else", arguments: kept)
  func dropped(values: [String], isKept: Bool) {
    var headers: HPACKHeaders = ["te": "trailers"]
    for value in values { headers.add(name: "grpc-timeout", value: value) }
    headers.dropBadTimeout()
    #expect(headers.contains(name: "grpc-timeout") == isKept)
    #expect(headers.first(name: "te") == "trailers")
  }
}

@Suite("Requests that are still coming are counted together")
struct UploadsTests {
  @Test("what is too much is told, and what is gone counts no longer")
  func count() {
    let uploads = Uploads()
    #expect(uploads.add(60, limit: 100))
    #expect(uploads.add(40, limit: 100))
    #expect(!uploads.add(1, limit: 100))
    uploads.remove(61)
    #expect(uploads.add(60, limit: 100))
    #expect(uploads.count == 100)
  }
}
