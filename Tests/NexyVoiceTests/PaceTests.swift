import NexyCore
import NexyTestSupport
import Testing

@testable import NexyVoice

@Suite struct PacerTests {
  private static let chunk = Duration.milliseconds(40)

  /// When each of `count` messages goes out, in milliseconds of a clock that runs by itself.
  private func times(_ pace: Pace, _ sounds: [Duration]) async throws -> [Int64] {
    let clock = VirtualClock()
    let pacer = Pacer(pace, clock: clock)
    let watch = Stopwatch(clock)
    let time = clock.runs(by: .milliseconds(10))
    defer { time.cancel() }
    var times: [Int64] = []
    for sound in sounds {
      try await pacer.wait(sound: sound)
      times.append(watch.elapsed.wholeMilliseconds)
    }
    return times
  }

  @Test(arguments: [1, 5, 8, 20])
  func `no second has more messages than the limit, and none is lost`(_ limit: Int) async throws {
    let pace = Pace(messagesPerSecond: limit, keepsUpWithSpeech: false)
    let times = try await times(pace, Array(repeating: Self.chunk, count: 3 * limit + 2))
    #expect(times.count == 3 * limit + 2)
    for (index, time) in times.enumerated() where index >= limit {
      #expect(time - times[index - limit] >= 1000)
    }
    #expect(times[limit - 1] < 1000)
  }

  @Test func `without a limit nothing waits`() async throws {
    let times = try await times(.unlimited, Array(repeating: Self.chunk, count: 500))
    #expect(times.allSatisfy { $0 == 0 })
  }

  @Test func `sound goes out as fast as it is played where a preset paces`() async throws {
    let pace = Pace(messagesPerSecond: 5, keepsUpWithSpeech: true)
    let times = try await times(pace, Array(repeating: Self.chunk, count: 250))
    for (index, time) in times.enumerated() {
      // What was sent before has not been played yet when the next arrives.
      #expect(time <= Int64(index) * 40)
    }
    // It is paced all the same: two seconds ahead and no more.
    #expect(try #require(times.last) >= 250 * 40 - 2000 - 80)
  }

  @Test func `text is paced whatever the sound does`() async throws {
    let pace = Pace(messagesPerSecond: 2, keepsUpWithSpeech: true)
    let times = try await times(pace, Array(repeating: .zero, count: 6))
    for index in 2..<6 { #expect(times[index] - times[index - 2] >= 1000) }
  }

  @Test func `a turn that is stopped does not wait for its pace`() async throws {
    let pacer = Pacer(Pace(messagesPerSecond: 1, keepsUpWithSpeech: false), clock: VirtualClock())
    try await pacer.wait()
    let task = Task { try await pacer.wait() }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }
}

@Suite struct DeviceRatesTests {
  private func outcomes(_ rates: DeviceRates, _ count: Int, device: String = "mac") -> Int {
    (0..<count).count { _ in (try? rates.note(DeviceID(device)!)) != nil }
  }

  @Test func `a device may ask so often, and again after a while`() {
    let clock = VirtualClock()
    let rates = DeviceRates(limit: 5, clock: clock)
    #expect(outcomes(rates, 30) == 10)
    clock.advance(by: .milliseconds(1000))
    #expect(outcomes(rates, 30) == 5)
    clock.advance(by: .seconds(3600))
    #expect(outcomes(rates, 30) == 10)
  }

  @Test func `one device's haste is not another's`() {
    let rates = DeviceRates(limit: 5, clock: VirtualClock())
    #expect(outcomes(rates, 30, device: "a") == 10)
    #expect(outcomes(rates, 10, device: "b") == 10)
  }

  @Test func `a device that asks evenly is never refused`() {
    let clock = VirtualClock()
    let rates = DeviceRates(limit: 8, clock: clock)
    for _ in 1...500 {
      #expect(outcomes(rates, 1) == 1)
      clock.advance(by: .milliseconds(125))
    }
  }

  @Test func `zero is no limit`() {
    #expect(outcomes(DeviceRates(limit: 0, clock: VirtualClock()), 10_000) == 10_000)
  }

  @Test func `the refusal has the words that clients and checks know`() {
    let rates = DeviceRates(limit: 1, clock: VirtualClock())
    let error = #expect(throws: NexyError.self) {
      for _ in 1...3 { try rates.note(DeviceID("mac")!) }
    }
    #expect(error?.code == .rateLimitReached)
    #expect(error?.message == "MESSAGE_RATE_EXCEEDED: Maximum message rate (1 msg/s) reached for this device")
  }

  @Test func `many devices are remembered within a bound`() {
    let rates = DeviceRates(limit: 1, clock: VirtualClock())
    for number in 1...25_000 { #expect(outcomes(rates, 1, device: "mac-\(number)") == 1) }
    #expect(rates.count <= 10_000)
  }
}
