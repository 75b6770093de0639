import NexyCore
import NexyTestSupport
import Testing

@testable import NexyVoice

private let session = "3f2b8c1e-8f60-4a9b-9d55-0c2a3b4d5e6f"

extension StreamCall {
  fileprivate static func piece(
    _ text: String, _ sequence: Int, device: String = "mac", session: String = session, screenshot: String? = nil
  ) -> StreamCall {
    var call = StreamCall()
    (call.hardwareID, call.sessionID, call.phase) = (device, session, .collect)
    (call.chunkText, call.chunkSequence, call.screenshot) = (text, sequence, screenshot)
    return call
  }

  fileprivate static func commit(
    _ prompt: String, device: String = "mac", session: String = session, phase: Phase = .commit
  ) -> StreamCall {
    var call = StreamCall()
    (call.prompt, call.hardwareID, call.sessionID, call.phase) = (prompt, device, session, phase)
    return call
  }
}

extension TurnIntake {
  /// The turn that a call asks for; nil for a piece, which is kept.
  fileprivate func turn(of call: StreamCall) throws(NexyError) -> TurnRequest? {
    switch try read(call) {
    case .piece(let owner):
      collect(call, for: owner)
      return nil
    case .turn(let owner): return try request(call, for: owner)
    }
  }

  /// What a call comes to: the prompt of a turn, "collected", or the error's text.
  fileprivate func outcome(of call: StreamCall) -> String {
    do {
      guard let turn = try turn(of: call) else { return "collected" }
      return "turn: \(turn.prompt)"
    } catch {
      return "\(error.code): \(error.message)"
    }
  }
}

@Suite struct TurnIntakeTests {
  static let badDevice = "invalid_hardware_id: hardware_id is required and must be valid (not empty or 'unknown')"
  static let badSession = "missing_session_id: session_id is required and must be provided by client"

  @Test(arguments: [
    (StreamCall.commit("hi", device: ""), badDevice),
    (StreamCall.commit("hi", device: " \t"), badDevice),
    (StreamCall.commit("hi", device: "UnKnown"), badDevice),
    (StreamCall.commit("hi", device: " unknown "), badDevice),
    (StreamCall.commit("hi", session: ""), badSession),
    (StreamCall.commit("hi", session: "12345"), badSession),
    (StreamCall.commit("hi", session: "3f2b8c1e-8f60-1a9b-9d55-0c2a3b4d5e6f"), badSession),
    (
      StreamCall.commit("hi", phase: .unknown(7)),
      "unsupported_phase: unsupported request phase: REQUEST_PHASE_UNSPECIFIED"
    ),
    (StreamCall.commit(""), "empty_prompt: Empty prompt: text field is required"),
    (StreamCall.commit(" \n"), "empty_prompt: Empty prompt: text field is required"),
    (StreamCall.commit("hi"), "turn: hi"),
    (StreamCall.commit("hi", phase: .unspecified), "turn: hi"),
    (StreamCall.commit("hi", session: "3F2B8C1E8F604A9B9D550C2A3B4D5E6F"), "turn: hi"),
    (StreamCall.piece("hi", 1), "collected"),
  ])
  func `a call comes to`(_ call: StreamCall, _ outcome: String) {
    #expect(TurnIntake(buffer: CollectBuffer()).outcome(of: call) == outcome)
  }

  @Test func `a prompt that was collected joins its commit once`() {
    let intake = TurnIntake(buffer: CollectBuffer())
    _ = intake.outcome(of: .piece("open", 1))
    _ = intake.outcome(of: .piece("open Saf", 2))
    #expect(intake.outcome(of: .commit("open Safari")) == "turn: open Safari")
    #expect(intake.outcome(of: .commit("again")) == "turn: again")
  }

  @Test func `the commit's own screenshot counts before the collected one`() throws {
    let intake = TurnIntake(buffer: CollectBuffer())
    _ = intake.outcome(of: .piece("", 1, screenshot: "old"))
    #expect(try intake.turn(of: .commit("hi"))?.screenshot?.base64 == "old")
    _ = intake.outcome(of: .piece("", 1, screenshot: "old"))
    var commit = StreamCall.commit("hi")
    commit.screenshot = "new"
    #expect(try intake.turn(of: commit)?.screenshot?.base64 == "new")
  }

  @Test func `a refused turn leaves what was collected`() throws {
    let intake = TurnIntake(buffer: CollectBuffer())
    _ = intake.outcome(of: .piece("open Safari", 1))
    _ = try intake.read(.commit(""))
    #expect(intake.outcome(of: .commit("")) == "turn: open Safari")
  }

  @Test(arguments: [
    ("", true), ("AAAA", true), ("AAAAAAAA", true), ("AAAAAAA=", true), ("AAAAAAAAAA==", true), ("AAAAAAAAAAA=", false),
    ("AAAAAAAAAAAA", false),
  ])
  func `a screenshot of seven bytes at most`(_ base64: String, _ fits: Bool) {
    var call = StreamCall.commit("hi")
    call.screenshot = base64
    let outcome = TurnIntake(buffer: CollectBuffer(), imageLimit: 7).outcome(of: call)
    #expect(outcome.hasPrefix(fits ? "turn" : "image_too_large: The screenshot has "), "\(outcome)")
    if !fits { #expect(outcome.contains("IMAGE_MAX_SIZE allows 7")) }
  }

  @Test func `a kill switch keeps screenshots from the model`() throws {
    var call = StreamCall.commit("hi")
    call.screenshot = "AAAA"
    let intake = TurnIntake(buffer: CollectBuffer(), takesImages: { false })
    #expect(try intake.turn(of: call)?.screenshot == nil)
  }
}

@Suite struct PromptMergeTests {
  @Test(arguments: [
    ("", "hello", "hello"), ("hello", "", "hello"), ("hello", "hello", "hello"),
    ("open", "open Safari", "open Safari"), ("open Safari", "open", "open Safari"),
    ("please open Safari now", "open Safari", "please open Safari now"),
    ("Safari", "open Safari now", "open Safari now"),
    ("open Saf", "Safari", "open Safari"), ("what is the", " time", "what is the time"), ("abc", "xyz", "abcxyz"),
    ("открой Саф", "Сафари", "открой Сафари"), ("привет", "ветер", "приветер"), ("aaa", "aab", "aaab"),
    ("ж", "е", "же"),
  ])
  func `two recognitions join as`(_ earlier: String, _ later: String, _ merged: String) {
    #expect(PromptMerge.merge(earlier, later) == merged)
  }

  @Test func `long recognitions join in linear time`() {
    let earlier = String(repeating: "a", count: 500_000)
    #expect(PromptMerge.merge(earlier + "b", earlier + "c").utf8.count == 1_000_002)
  }
}

@Suite struct CollectBufferTests {
  private func key(_ number: Int) -> SessionID {
    SessionID("3f2b8c1e-8f60-4a9b-9d55-" + String(100_000_000_000 + number))!
  }

  private func text(_ buffer: CollectBuffer, _ session: SessionID, device: String = "mac") -> String? {
    buffer.take(device: DeviceID(device)!, session: session)?.text
  }

  @Test func `a piece that was seen or is older is dropped`() {
    let buffer = CollectBuffer()
    for (text, sequence) in [("one", 2), ("two", 2), ("three", 1), (" four", 3)] {
      buffer.collect(.piece(text, sequence), device: DeviceID("mac")!, session: key(1))
    }
    #expect(text(buffer, key(1)) == "one four")
  }

  @Test func `an entry expires after thirty seconds`() {
    let clock = VirtualClock()
    let buffer = CollectBuffer(clock: clock)
    buffer.collect(.piece("old", 1), device: DeviceID("mac")!, session: key(1))
    clock.advance(by: .seconds(29))
    buffer.collect(.piece("new", 1), device: DeviceID("mac")!, session: key(2))
    clock.advance(by: .seconds(1))
    #expect(text(buffer, key(1)) == nil)
    #expect(text(buffer, key(2)) == "new")
  }

  @Test func `a fifth session of a device removes its oldest`() {
    let buffer = CollectBuffer()
    for number in 1...5 { buffer.collect(.piece("t", 1), device: DeviceID("mac")!, session: key(number)) }
    buffer.collect(.piece("other", 1), device: DeviceID("other")!, session: key(1))
    #expect((1...5).map { text(buffer, key($0)) } == [nil, "t", "t", "t", "t"])
    #expect(text(buffer, key(1), device: "other") == "other")
  }

  @Test func `beyond a thousand entries the oldest goes`() {
    let buffer = CollectBuffer()
    for number in 1...1001 { buffer.collect(.piece("t", 1), device: DeviceID("mac-\(number)")!, session: key(1)) }
    #expect(text(buffer, key(1), device: "mac-1") == nil)
    #expect(text(buffer, key(1), device: "mac-2") == "t")
  }

  @Test func `text and screenshot together stay below their limit, whichever comes first`() {
    var limits = CollectBuffer.Limits()
    limits.entryBytes = 1000
    let buffer = CollectBuffer(limits: limits)
    let device = DeviceID("mac")!
    let image = String(repeating: "y", count: 900)
    buffer.collect(.piece("", 1, screenshot: image), device: device, session: key(1))
    buffer.collect(.piece(String(repeating: "x", count: 101), 2), device: device, session: key(1))
    let entry = buffer.take(device: device, session: key(1))
    #expect(entry?.text == "")
    #expect(entry?.screenshot?.count == 900)
  }

  @Test func `what has expired is dropped while nobody asks`() async {
    let clock = VirtualClock()
    let buffer = CollectBuffer(clock: clock)
    buffer.collect(.piece("old", 1), device: DeviceID("mac")!, session: key(1))
    let sweeping = Task { await buffer.sweep(clock: clock) }
    for _ in 1...2 {
      await clock.waitForSleepers(1)
      clock.advance(by: .seconds(30))
    }
    await clock.waitForSleepers(1)
    #expect(buffer.count == 0)
    sweeping.cancel()
  }

  @Test func `the screenshots of all devices together stay below their limit, and the oldest go`() {
    var limits = CollectBuffer.Limits()
    limits.bytes = 1000
    let buffer = CollectBuffer(limits: limits)
    for number in 1...5 {
      buffer.collect(
        .piece("t", 1, screenshot: String(repeating: "y", count: 399)), device: DeviceID("mac-\(number)")!,
        session: key(1))
    }
    #expect((1...5).map { text(buffer, key(1), device: "mac-\($0)") } == [nil, nil, nil, "t", "t"])
  }

  @Test func `what would pass a limit leaves the entry as it was`() {
    var limits = CollectBuffer.Limits()
    (limits.textBytes, limits.entryBytes) = (500, 1000)
    let buffer = CollectBuffer(limits: limits)
    let device = DeviceID("mac")!
    buffer.collect(.piece("kept", 1, screenshot: "image"), device: device, session: key(1))
    buffer.collect(
      .piece(String(repeating: "x", count: 501), 2, screenshot: String(repeating: "y", count: 1000)),
      device: device, session: key(1))
    let entry = buffer.take(device: device, session: key(1))
    #expect(entry?.text == "kept")
    #expect(entry?.screenshot == "image")
  }
}
