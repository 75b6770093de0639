import HTTPTypes
import Hummingbird
import NIOPosix
import NexyCore
import NexyTestSupport
import Testing

@testable import NexyUpdates

@Suite("Limits of downloads", .timeLimit(.minutes(1)))
struct DownloadLimitsTests {
  @Test("Without a rate nothing waits")
  func isUnlimited() {
    var pace = DownloadPace(rate: 0)
    #expect(pace.pieceBytes(upTo: 1000) == 1000)
    for _ in 0..<3 { #expect(pace.wait(before: 1 << 30, now: .zero) == .zero) }
  }

  @Test("Pieces start when the bytes before them are paid for")
  func spreads() {
    var pace = DownloadPace(rate: 1000)
    #expect(pace.wait(before: 500, now: .zero) == .zero)
    #expect(pace.wait(before: 500, now: .zero) == .milliseconds(500))
    #expect(pace.wait(before: 250, now: .milliseconds(500)) == .milliseconds(500))
    #expect(pace.wait(before: 250, now: .milliseconds(1250)) == .zero)
  }

  @Test("A client that was slow gets no burst afterwards")
  func givesNoCredit() {
    var pace = DownloadPace(rate: 1000)
    #expect(pace.wait(before: 1000, now: .seconds(100)) == .zero)
    #expect(pace.wait(before: 1000, now: .seconds(100)) == .seconds(1))
  }

  @Test(
    "Pieces are a quarter of a second long, within bounds",
    arguments: [(1, 4096), (16_384, 4096), (100_000, 25_000), (1 << 30, 262_144)])
  func cuts(_ rate: Int, _ bytes: Int) {
    #expect(DownloadPace(rate: rate).pieceBytes(upTo: 262_144) == bytes)
  }

  @Test("A rate that no number can pay for is no crash")
  func survivesExtremes() {
    var pace = DownloadPace(rate: .max)
    #expect(pace.wait(before: .max, now: .zero) == .zero)
    #expect(pace.pieceBytes(upTo: 1000) == 1000)
  }

  @Test("Slots are counted, and given back once")
  func countsSlots() {
    let slots = DownloadSlots()
    let first = slots.claim(limit: 2)
    do {
      let second = slots.claim(limit: 2)
      #expect(second != nil)
      #expect(slots.claim(limit: 2) == nil)
    }
    #expect(slots.count == 1)
    first?.release()
    first?.release()
    #expect(slots.count == 0)
    #expect(slots.claim(limit: 0) == nil)
  }

  @Test("A response that is dropped gives its slot and its file back")
  func dropsResponse() async throws {
    let folder = try TemporaryFolder()
    try folder.write("Nexy.dmg", noise(1000))
    let files = DownloadFolder(path: folder.path)
    let responder = DownloadResponder(
      shelf: DownloadShelf(folder: files, ledger: ChecksumLedger(folder: files)), limits: { DownloadLimits() })
    let request = Request(
      head: HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/"), body: .init(buffer: .init()))
    let loop = MultiThreadedEventLoopGroup.singleton.any()
    var response: Response? = try await responder.respond(to: request, name: "Nexy.dmg", on: loop)
    #expect(response?.status == .ok)
    #expect(responder.active == 1)
    response = nil
    #expect(responder.active == 0)
    await folder.waitUntilClosed()
  }

  @Test("A wait for the client that lasts for the limit is a stall; other time is not")
  func findsStalls() async throws {
    let clock = VirtualClock()
    let watch = StallWatch(limit: .seconds(60), clock: clock)
    let guarding = Task { try await watch.guardWaits() }
    await clock.waitForSleepers(1)
    // Nobody waits for the client.
    clock.advance(by: .seconds(60))
    await clock.waitForSleepers(1)
    await watch.timing { clock.advance(by: .seconds(59)) }
    clock.advance(by: .seconds(1))
    await clock.waitForSleepers(1)
    let error = await #expect(throws: NexyError.self) {
      try await watch.timing {
        clock.advance(by: .seconds(60))
        try await guarding.value
      }
    }
    #expect(error?.code == .downloadStalled)
  }
}
