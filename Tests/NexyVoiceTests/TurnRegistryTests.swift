import NexyCore
import NexyTestSupport
import Testing

@testable import NexyVoice

@Suite struct TurnRegistryTests {
  @Test func `an interrupt stops the turns of one device and nothing else`() async throws {
    let registry = TurnRegistry()
    let (mine, other) = (Interruption(), Interruption())
    let gate = Gate()
    try await registry.track(.asking("a", device: "mine"), mine) {
      try await registry.track(.asking("b", device: "other"), other) {
        #expect(registry.count == 2)
        #expect(registry.interrupt(DeviceID("mine")!).count == 1)
        #expect(registry.interrupt(DeviceID("nobody")!) == [])
        await #expect(throws: NexyError.self) {
          try await mine.guarding(limit: .seconds(1), clock: VirtualClock()) { try await gate.wait() }
        }
        let untouched = try await other.guarding(limit: .seconds(1), clock: VirtualClock()) { true }
        #expect(untouched)
      }
    }
    #expect(registry.count == 0)
  }

  @Test func `only the first reason counts`() async {
    let interruption = Interruption()
    interruption.trip(.interrupted)
    interruption.trip(.shuttingDown)
    do {
      try await interruption.guarding(limit: .seconds(1), clock: VirtualClock()) { try await Gate().wait() }
    } catch {
      #expect((error as? NexyError)?.code == .interrupted)
    }
  }
}
