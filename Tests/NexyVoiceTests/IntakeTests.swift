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
  /// What a call comes to: the prompt of a turn, "collected", or the error's text.
  fileprivate func outcome(of call: StreamCall) -> String {
    do {
      switch try take(call) {
      case .collected: return "collected"
      case .turn(let turn): return "turn: \(turn.prompt)"
      }
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
    guard case .turn(let first) = try intake.take(.commit("hi")) else { return }
    #expect(first.screenshot?.base64 == "old")
    _ = intake.outcome(of: .piece("", 1, screenshot: "old"))
    var commit = StreamCall.commit("hi")
    commit.screenshot = "new"
    guard case .turn(let second) = try intake.take(commit) else { return }
    #expect(second.screenshot?.base64 == "new")
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
    let buffer = CollectBuffer()
    let device = DeviceID("mac")!
    let image = String(repeating: "y", count: (8 << 20) - 100)
    buffer.collect(.piece("", 1, screenshot: image), device: device, session: key(1))
    buffer.collect(.piece(String(repeating: "x", count: 101), 2), device: device, session: key(1))
    let entry = buffer.take(device: device, session: key(1))
    #expect(entry?.text == "")
    #expect(entry?.screenshot == image)
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

  @Test func `what would pass a limit leaves the entry as it was`() {
    let buffer = CollectBuffer()
    let device = DeviceID("mac")!
    buffer.collect(.piece("kept", 1, screenshot: "image"), device: device, session: key(1))
    buffer.collect(
      .piece(String(repeating: "x", count: (1 << 20) + 1), 2, screenshot: String(repeating: "y", count: 8 << 20)),
      device: device, session: key(1))
    let entry = buffer.take(device: device, session: key(1))
    #expect(entry?.text == "kept")
    #expect(entry?.screenshot == "image")
  }
}
