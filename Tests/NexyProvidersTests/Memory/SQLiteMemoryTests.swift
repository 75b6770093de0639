import Foundation
import GRDB
import NexyCore
import NexyTestSupport
import NexyVoice
import Synchronization
import Testing

@testable import NexyProviders

@Suite struct SQLiteMemoryTests {
  private let folder: StoreFolder

  init() throws { folder = try StoreFolder() }

  private let session = SessionID("3f2b8c1d-9a4e-4c6f-8b2a-1d5e7f9a0b3c")!
  private let mac = DeviceID("mac")!

  private func memory(
    _ limits: MemoryLimits = MemoryLimits(), store: SQLiteStore? = nil, now: Date? = nil,
    report: @escaping @Sendable (NexyError) -> Void = { _ in }
  ) -> SQLiteMemory {
    let date = now ?? Date(timeIntervalSince1970: 1_770_000_000)
    return SQLiteMemory(
      store: store ?? folder.store(), limits: limits, recallsFacts: true, now: { date }, report: report)
  }

  private func exchange(_ number: Int, bytes: Int = 0) -> Exchange {
    Exchange(prompt: "prompt \(number)", answer: "answer \(number)" + String(repeating: "a", count: bytes))
  }

  @Test func `a device without a past has no recollection`() async throws {
    #expect(try await memory().recall(mac) == Recollection())
  }

  @Test func `what was remembered is recalled, oldest first, also by the next process`() async throws {
    let memory = memory()
    for number in 1...20 {
      memory.remember(exchange(number), device: mac, session: session)
      #expect(try await memory.recall(mac).exchanges == (1...number).map { exchange($0) })
    }
    await memory.close()
    #expect(try await self.memory().recall(mac).exchanges == (1...20).map { exchange($0) })
  }

  @Test func `what cannot be written yet is recalled all the same`() async throws {
    let store = folder.store()
    _ = try store.write { _ in }
    let other = try folder.holder()
    let memory = memory(store: store)
    memory.remember(exchange(1), device: mac, session: session)
    #expect(try await memory.recall(mac).exchanges == [exchange(1)])
    try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
    await memory.close()
    #expect(try await memory.recall(mac).exchanges == [exchange(1)])
    #expect(try folder.count("exchanges") == 1)
  }

  @Test func `devices know nothing of each other`() async throws {
    let memory = memory()
    let others = ["mac ", "MAC", "mac\0", "mac\0x", "mak"].compactMap { DeviceID($0) }
    memory.remember(exchange(0), device: mac, session: session)
    for (number, device) in others.enumerated() {
      memory.remember(exchange(number + 1), device: device, session: session)
    }
    await memory.close()
    #expect(try await memory.recall(mac).exchanges == [exchange(0)])
    for (number, device) in others.enumerated() {
      #expect(try await memory.recall(device).exchanges == [exchange(number + 1)])
    }
  }

  @Test(arguments: [(0, 3), (7198, 3), (7200, 1), (7300, 0)])
  func `what is older than two hours is not recalled`(later: Int, count: Int) async throws {
    let start = Date(timeIntervalSince1970: 1_770_000_000)
    let store = folder.store()
    for (number, seconds) in [-1.0, -0.5, 60].enumerated() {
      let memory = memory(store: store, now: start.addingTimeInterval(seconds))
      memory.remember(exchange(number), device: mac, session: session)
      await memory.close()
    }
    let memory = memory(store: store, now: start.addingTimeInterval(Double(later)))
    #expect(try await memory.recall(mac).exchanges.count == count)
  }

  @Test(arguments: [
    (10_240, 1000, 10), (10_240, 100, 30), (2_100, 1000, 2), (1_000, 470, 2), (200, 1000, 2), (0, 10, 0),
  ])
  func `whole exchanges fit the budget, the newest first`(budget: Int, bytes: Int, count: Int) async throws {
    let memory = memory(MemoryLimits(shortTermBytes: budget))
    for number in 10..<40 { memory.remember(exchange(number, bytes: bytes), device: mac, session: session) }
    let pending = try await memory.recall(mac)
    await memory.close()
    let stored = try await memory.recall(mac)
    #expect(pending == stored)
    #expect(stored.exchanges.map(\.prompt) == (40 - count..<40).map { "prompt \($0)" })
    #expect(stored.exchanges.reduce(0) { $0 + $1.prompt.utf8.count + $1.answer.utf8.count } <= budget)
  }

  @Test func `a smaller budget later still has the newest exchange`() async throws {
    let store = folder.store()
    let memory = memory(store: store)
    memory.remember(exchange(1, bytes: 4000), device: mac, session: session)
    await memory.close()
    let small = try await self.memory(MemoryLimits(shortTermBytes: 500), store: store).recall(mac)
    #expect(small.exchanges.map(\.prompt) == ["prompt 1"])
    #expect(small.exchanges[0].answer.hasSuffix("…"))
  }

  @Test func `secrets are neither recalled nor in the file`() async throws {
    let memory = memory()
    memory.remember(
      Exchange(prompt: "My card is 4111 1111 1111 1111", answer: "api_key=abcdefghijklmnop"), device: mac,
      session: session)
    let expected = [Exchange(prompt: "My card is ****", answer: "api_key=****")]
    #expect(try await memory.recall(mac).exchanges == expected)
    await memory.close()
    #expect(try await memory.recall(mac).exchanges == expected)
    #expect(try !fileHolds("4111 1111"))
    #expect(try !fileHolds("abcdefghijklmnop"))
  }

  /// Whether the database or its log has these bytes anywhere.
  private func fileHolds(_ text: String) throws -> Bool {
    try ["", "-wal"].contains { ending in
      let path = folder.database + ending
      guard FileManager.default.fileExists(atPath: path) else { return false }
      return try Data(contentsOf: URL(fileURLWithPath: path)).range(of: Data(text.utf8)) != nil
    }
  }

  @Test func `forgetting leaves nothing of a device in the files, and everything of the others`() async throws {
    let memory = memory()
    let other = try #require(DeviceID("other"))
    for number in 1...50 {
      memory.remember(
        Exchange(prompt: "marmalade \(number)", answer: "word"), device: mac, session: session)
    }
    memory.remember(exchange(1), device: other, session: session)
    let source = try #require(memory.keep(exchange(2), device: mac, session: session))
    memory.learn(FactChange(learned: ["Likes marmalade."]), from: source)
    await memory.close()
    #expect(try fileHolds("marmalade"))
    memory.remember(exchange(3), device: mac, session: session)
    let counts = try await memory.forget(mac)
    #expect(counts == MemoryCounts(exchanges: 52, facts: 1))
    #expect(try await memory.recall(mac) == Recollection())
    #expect(try !fileHolds("marmalade"))
    #expect(try await memory.recall(other).exchanges == [exchange(1)])
    #expect(try await memory.forget(mac) == MemoryCounts(exchanges: 0, facts: 0))
  }

  @Test func `what waits to be written is forgotten too`() async throws {
    let store = folder.store()
    _ = try store.write { _ in }
    let other = try folder.holder()
    let memory = memory(store: store)
    memory.remember(exchange(1), device: mac, session: session)
    await #expect { try await memory.forget(mac) } throws: { ($0 as? NexyError)?.code == .memoryUnavailable }
    try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
    await memory.close()
    #expect(try folder.count("exchanges") == 0)
  }

  @Test func `facts are recalled, unless their exchange was forgotten meanwhile`() async throws {
    let store = folder.store()
    let memory = memory(store: store)
    let source = try #require(memory.keep(exchange(1), device: mac, session: session))
    memory.learn(FactChange(learned: ["Is called Ada.", "Uses VoiceOver."]), from: source)
    await memory.close()
    #expect(try await memory.recall(mac).facts == ["Is called Ada.", "Uses VoiceOver."])
    #expect(try await SQLiteMemory(store: store).recall(mac).facts.isEmpty)
    _ = try await memory.forget(mac)
    memory.learn(FactChange(learned: ["Is called Ada."]), from: source)
    await memory.close()
    #expect(try await memory.facts("mac").isEmpty)
  }

  @Test func `what is too old is deleted, little by little`() async throws {
    let store = folder.store()
    try store.write { db in
      for number in 1...1200 {
        try db.execute(sql: "INSERT INTO exchanges VALUES ('old', ?, 's', 'p', 'a')", arguments: [number])
      }
    }
    let memory = memory(store: store)
    memory.remember(exchange(1), device: mac, session: session)
    await memory.close()
    #expect(try folder.count("exchanges") == 701)
    await memory.sweep()
    #expect(try folder.count("exchanges") == 1)
  }

  @Test func `the service sweeps, and its end writes what waits`() async throws {
    let store = folder.store()
    try store.write { try $0.execute(sql: "INSERT INTO exchanges VALUES ('old', 1, 's', 'p', 'a')") }
    let clock = VirtualClock()
    let memory = SQLiteMemory(store: store, clock: clock)
    let service = Task { await memory.run() }
    await clock.waitForSleepers(2)
    #expect(try folder.count("exchanges") == 0)
    memory.remember(exchange(1), device: mac, session: session)
    service.cancel()
    await service.value
    #expect(try folder.count("exchanges") == 1)
  }

  @Test func `a hundred devices at once lose nothing`() async throws {
    let memory = memory()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 1...100 {
        group.addTask {
          let device = try #require(DeviceID("device \(number)"))
          for turn in 1...5 {
            memory.remember(exchange(turn), device: device, session: session)
            #expect(try await memory.recall(device).exchanges == (1...turn).map { exchange($0) })
          }
        }
      }
      try await group.waitForAll()
    }
    await memory.close()
    #expect(try folder.count("exchanges") == 500)
  }

  @Test func `the contents are told, what waits included`() async throws {
    let memory = memory()
    let source = try #require(memory.keep(exchange(1), device: mac, session: session))
    memory.learn(FactChange(learned: ["Is called Ada."]), from: source)
    let contents = try await memory.contents(of: mac)
    #expect(contents.exchanges == [source])
    #expect(contents.exchanges.first?.date == Date(timeIntervalSince1970: 1_770_000_000))
    #expect(contents.facts.map(\.text) == ["Is called Ada."])
  }

  @Test func `a database that should be there and is not is told, and not made`() async throws {
    let store = SQLiteStore(path: folder.database, makesFile: false)
    let error = await #expect(throws: NexyError.self) { try await memory(store: store).contents(of: mac) }
    #expect(error?.message.hasPrefix("There is no database") == true)
    await #expect { try await memory(store: store).forget(mac) } throws: {
      ($0 as? NexyError)?.code == .memoryUnavailable
    }
    #expect(!store.exists)
  }

  @Test func `a database that cannot be opened stops nobody`() async throws {
    let blocker = "\(folder.path)/file"
    try "not a folder".write(toFile: blocker, atomically: true, encoding: .utf8)
    let reports = Mutex<[NexyError]>([])
    let memory = memory(store: SQLiteStore(path: "\(blocker)/nexy.sqlite")) { error in
      reports.withLock { $0.append(error) }
    }
    memory.remember(exchange(1), device: mac, session: session)
    await #expect { try await memory.recall(mac) } throws: { ($0 as? NexyError)?.code == .memoryUnavailable }
    await memory.close()
    #expect(reports.withLock { $0.map(\.code) } == [.memoryNotKept])
  }
}
