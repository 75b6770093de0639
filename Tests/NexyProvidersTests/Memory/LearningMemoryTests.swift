import NexyCore
import NexyTestSupport
import NexyVoice
import Synchronization
import Testing

@testable import NexyProviders

@Suite struct LearningMemoryTests {
  private let folder: StoreFolder
  private let store: SQLiteStore
  private let clock = VirtualClock()
  private let mac = DeviceID("mac")!
  private let session = SessionID("3f2b8c1d-9a4e-4c6f-8b2a-1d5e7f9a0b3c")!

  init() throws {
    folder = try StoreFolder()
    store = folder.store()
  }

  private var base: SQLiteMemory { SQLiteMemory(store: store, recallsFacts: true) }

  /// Remembers an exchange of each device, and returns what was reported once the model was asked and something is so.
  private func learn(
    _ devices: [DeviceID], queue: Int = 100, from model: FakeModel,
    until isSo: (SQLiteMemory, [NexyError]) async throws -> Bool
  ) async throws -> [NexyError] {
    let reports = Reports()
    let base = base
    let memory = LearningMemory(base, model: model, queue: queue, clock: clock) { reports.add($0) }
    for device in devices {
      memory.remember(Exchange(prompt: "My name is Ada", answer: "Hello Ada"), device: device, session: session)
    }
    let service = Task { await memory.run() }
    while !(try await isSo(base, reports.all)) { await Task.yield() }
    service.cancel()
    await service.value
    return reports.all
  }

  private final class Reports: Sendable {
    private let errors = Mutex<[NexyError]>([])
    var all: [NexyError] { errors.withLock { $0 } }
    func add(_ error: NexyError) { errors.withLock { $0.append(error) } }
  }

  @Test func `a fact of an exchange is recalled in the next turn`() async throws {
    let reports = try await learn([mac], from: FakeModel(pieces: ["FACT: Is call", "ed Ada.\n"])) { memory, _ in
      try await memory.recall(mac).facts == ["Is called Ada."]
    }
    #expect(reports.isEmpty)
  }

  @Test func `the model is told whose exchange it is, and what is known`() async throws {
    let memory = base
    let source = try #require(memory.keep(Exchange(prompt: "p", answer: "a"), device: mac, session: session))
    memory.learn(FactChange(learned: ["Lives in Riga."]), from: source)
    await memory.close()
    let asked = Mutex<ModelRequest?>(nil)
    let model = FakeModel { request, emit in
      asked.withLock { $0 = request }
      try await emit(.usage(TokenUsage(inputTokens: 1, outputTokens: 1, model: "m")))
      try await emit(.text("FORGET: 1"))
    }
    _ = try await learn([mac], from: model) { memory, _ in try await memory.recall(mac).facts.isEmpty }
    let request = try #require(asked.withLock { $0 })
    #expect(request.device == mac)
    #expect(request.session == session)
    #expect(request.prompt.contains("1. Lives in Riga."))
    #expect(request.prompt.contains("My name is Ada"))
    #expect(request.memory == Recollection())
  }

  @Test func `a model that takes too long is stopped`() async throws {
    let isStopped = Mutex(false)
    let model = FakeModel { [clock] _, _ in
      defer { isStopped.withLock { $0 = true } }
      try await clock.sleep(for: .seconds(1000))
    }
    var isLate = false
    let reports = try await learn([mac], from: model) { _, reports in
      if !isLate {
        await clock.waitForSleepers(2)
        clock.advance(by: .seconds(5))
        isLate = true
      }
      return !reports.isEmpty
    }
    #expect(reports.map(\.message) == ["No facts were learned from an exchange: the model took too long."])
    #expect(isStopped.withLock { $0 })
  }

  @Test(arguments: [
    [ModelDelta.text("Of course! FACT: x")], [], [.text(String(repeating: "FACT: a\n", count: 2000))],
    [.toolCall(name: "open", arguments: .null)],
  ])
  func `any other answer teaches nothing`(deltas: [ModelDelta]) async throws {
    let reports = try await learn([mac], from: FakeModel(deltas)) { _, reports in !reports.isEmpty }
    #expect(reports.map(\.code) == [.factsNotLearned])
    #expect(try await base.recall(mac).facts.isEmpty)
  }

  @Test func `a failure is reported without a word of the user`() async throws {
    let model = FakeModel { _, _ in throw NexyError(.modelFailed, "The model failed.") }
    let reports = try await learn([mac], from: model) { _, reports in !reports.isEmpty }
    #expect(reports.map(\.code) == [.factsNotLearned])
    #expect(!reports.map { "\($0)" + ($0.fullDetail ?? "") }.joined().contains("Ada"))
  }

  @Test func `two at once, one of a device, and every exchange in the end`() async throws {
    let state = Mutex((active: [String: Int](), most: 0, done: 0))
    let model = FakeModel { request, emit in
      state.withLock {
        $0.active[request.device.text, default: 0] += 1
        $0.most = max($0.most, $0.active.values.reduce(0, +))
      }
      for _ in 1...20 { await Task.yield() }
      state.withLock {
        #expect($0.active[request.device.text] == 1)
        $0.active[request.device.text, default: 0] -= 1
        $0.done += 1
      }
      try await emit(.text("NONE"))
    }
    let devices = ["a", "b", "a", "c", "a", "b"].compactMap { DeviceID($0) }
    let reports = try await learn(devices, from: model) { _, _ in state.withLock { $0.done } == devices.count }
    #expect(reports.isEmpty)
    #expect(state.withLock { $0.most } <= 2)
  }

  @Test func `more than may wait is dropped, and said once`() async throws {
    let calls = Counter()
    let model = FakeModel { _, emit in
      calls.add()
      try await emit(.text("NONE"))
    }
    let devices = (1...10).compactMap { DeviceID("device \($0)") }
    let reports = try await learn(devices, queue: 3, from: model) { _, _ in calls.value == 3 }
    #expect(reports.map(\.code) == [.factsNotLearned])
    #expect(calls.value == 3)
  }
}
