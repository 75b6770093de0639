import Foundation
import NexyCore
import NexyTestSupport
import Testing

@Suite("A lease is held by one at a time")
struct FileLeaseTests {
  @Test("its file says who holds it, where, since when and until when; afterwards it is empty")
  func record() async throws {
    let stage = try LeaseStage()
    let text = try await FileLease.withLease(at: stage.path, owner: "a test", in: stage.machine("mill", process: 7)) {
      try $0.confirm()
      return stage.text
    }
    let members = try JSONReader.document(Array(text.utf8)).value.object
    #expect(members?["owner"] == "a test")
    #expect(members?["process"] == 7)
    #expect(members?["host"] == "mill")
    #expect(members?["since"] == "2026-03-05T07:08:09.000Z")
    #expect(members?["expires"] == "2026-03-05T07:09:09.000Z")
    #expect(stage.text.isEmpty)
  }

  @Test("what the work returns and throws comes out, and the lease is free again")
  func outcome() async throws {
    let stage = try LeaseStage()
    let value = try await FileLease.withLease(at: stage.path, owner: "a", in: stage.machine()) { _ in 42 }
    #expect(value == 42)
    await #expect(throws: Mishap.self) {
      try await FileLease.withLease(at: stage.path, owner: "a", in: stage.machine()) { _ in throw Mishap() }
    }
    #expect(stage.text.isEmpty)
  }

  @Test("who comes second hears who holds it and what to do")
  func held() async throws {
    let stage = try LeaseStage()
    try await FileLease.withLease(at: stage.path, owner: "first", in: stage.machine("mill", process: 7)) { _ in
      let error = await #expect(throws: NexyError.self) {
        try await FileLease.withLease(at: stage.path, owner: "second", in: stage.machine("hill")) { _ in }
      }
      #expect(error?.code == .leaseHeld)
      for part in [
        stage.path, "first", "process 7 on mill", "2026-03-05T07:08:09.000Z", "2026-03-05T07:09:09.000Z",
        "remove the file",
      ] {
        #expect(error?.message.contains(part) == true)
      }
    }
  }

  enum Left { case running, ended, foreign }
  private static let leftovers: [(Left, age: Int, isTaken: Bool)] = [
    (.running, 59, false), (.running, 60, true), (.ended, 0, true), (.ended, 59, true),
    // What runs on another machine cannot be seen from here: only time frees its lease.
    (.foreign, 0, false), (.foreign, 59, false), (.foreign, 60, true),
  ]

  @Test(
    "a lease that was left behind is taken when its process is gone here, or when its time is over",
    arguments: leftovers)
  func stale(left: Left, age: Int, isTaken: Bool) async throws {
    let stage = try LeaseStage()
    try stage.leaveRecord(host: left == .foreign ? "there" : "here", lasting: .seconds(60))
    if left == .running { stage.start(9) }
    stage.turnWall(by: .seconds(age))
    let taken = try? await FileLease.withLease(at: stage.path, owner: "heir", in: stage.machine()) { _ in stage.text }
    #expect((taken != nil) == isTaken)
    #expect(taken?.contains("heir") != false)
  }

  @Test(
    "a file that is no record is held for ten minutes from its last change, then taken",
    arguments: [
      "12345", "{", "{\"owner\":\"x\"}", "{\"owner\":1,\"process\":\"2\"}", "PID 77\n", "\0\0\0\0",
      String(repeating: "x", count: 5000),
    ])
  func corrupt(text: String) async throws {
    let stage = try LeaseStage()
    try stage.leave(text)
    try stage.setWall(after: stage.path, by: .seconds(590))
    let error = await #expect(throws: NexyError.self) {
      try await FileLease.withLease(at: stage.path, owner: "a", in: stage.machine()) { _ in }
    }
    #expect(error?.code == .leaseHeld)
    #expect(stage.text == text)
    stage.turnWall(by: .seconds(11))
    try await FileLease.withLease(at: stage.path, owner: "a", in: stage.machine()) { _ in }
    #expect(stage.text.isEmpty)
  }

  @Test("who waits gets the lease when it is given back")
  func waits() async throws {
    let stage = try LeaseStage()
    try stage.leaveRecord(host: "there", lasting: .seconds(3))
    async let taken = FileLease.withLease(
      at: stage.path, owner: "b", waitingAtMost: .seconds(10), in: stage.machine()
    ) { _ in true }
    await stage.clock.waitForSleepers(1)
    try stage.leave("")
    stage.advance(by: .milliseconds(10))
    #expect(try await taken)
  }

  @Test("who waits gives up when its patience ends, not before and not later")
  func patience() async throws {
    let stage = try LeaseStage()
    try stage.leaveRecord(host: "there", lasting: .seconds(600))
    let waiting = Task {
      try await FileLease.withLease(at: stage.path, owner: "b", waitingAtMost: .seconds(2), in: stage.machine()) { _ in
      }
    }
    var waited = Duration.zero
    while waited < .seconds(2) {
      await stage.clock.waitForSleepers(1)
      stage.advance(by: .milliseconds(10))
      waited += .milliseconds(10)
    }
    await #expect(throws: NexyError.self) { try await waiting.value }
    #expect(waited == .seconds(2))
  }

  @Test("it is renewed while the work goes on, however long")
  func renewed() async throws {
    let stage = try LeaseStage()
    let expiries = try await FileLease.withLease(
      at: stage.path, owner: "a", term: .seconds(30), in: stage.machine()
    ) { lease in
      var expiries: [String] = []
      for _ in 0..<5 {
        await stage.clock.waitForSleepers(1)
        stage.advance(by: .seconds(10))
        await stage.clock.waitForSleepers(1)
        try lease.confirm()
        expiries += stage.text.split(separator: "\"").filter { $0.hasPrefix("2026") }.prefix(1).map(String.init)
      }
      return expiries
    }
    #expect(expiries.first == "2026-03-05T07:08:49.000Z")
    #expect(expiries.last == "2026-03-05T07:09:29.000Z")
  }

  @Test("a lease that went to another is noticed: the work is cancelled and the other keeps it")
  func lost() async throws {
    let stage = try LeaseStage()
    let error = await #expect(throws: NexyError.self) {
      try await FileLease.withLease(at: stage.path, owner: "a", term: .seconds(30), in: stage.machine()) { lease in
        await stage.clock.waitForSleepers(1)
        try stage.leaveRecord(owner: "thief", host: "there", lasting: .seconds(60))
        #expect(throws: NexyError.self) { try lease.confirm() }
        stage.advance(by: .seconds(10))
        try await Task.sleep(for: .seconds(3600))
      }
    }
    #expect(error?.code == .leaseLost)
    #expect(stage.text.contains("thief"))
  }

  @Test("a lease that was lost just before the end of the work is told too", arguments: [true, false])
  func lostAtTheEnd(isRemoved: Bool) async throws {
    let stage = try LeaseStage()
    let error = await #expect(throws: NexyError.self) {
      try await FileLease.withLease(at: stage.path, owner: "a", in: stage.machine()) { _ in
        if isRemoved { try FileManager.default.removeItem(atPath: stage.path) } else { try stage.leave("") }
      }
    }
    #expect(error?.code == .leaseLost)
  }

  @Test("a holder that is cancelled gives the lease back")
  func cancelled() async throws {
    let stage = try LeaseStage()
    let working = Task {
      try await FileLease.withLease(at: stage.path, owner: "a", in: stage.machine()) { _ in
        try await stage.clock.sleep(for: .seconds(3600))
      }
    }
    await stage.clock.waitForSleepers(2)
    #expect(!stage.text.isEmpty)
    working.cancel()
    await #expect(throws: CancellationError.self) { try await working.value }
    #expect(stage.text.isEmpty)
  }

  @Test("a step that cannot be taken back is refused once the time is over")
  func expiredUnderWay() async throws {
    let stage = try LeaseStage()
    try await FileLease.withLease(at: stage.path, owner: "a", term: .seconds(30), in: stage.machine()) { lease in
      try lease.confirm()
      stage.turnWall(by: .seconds(30))
      let error = #expect(throws: NexyError.self) { try lease.confirm() }
      #expect(error?.code == .leaseLost)
    }
  }

  @Test(
    "a link, a folder and a missing folder are errors that name the path", arguments: ["link", "folder", "no/file"])
  func unusable(name: String) async throws {
    let stage = try LeaseStage()
    try FileManager.default.createSymbolicLink(atPath: "\(stage.folder)/link", withDestinationPath: "/dev/null")
    try FileManager.default.createDirectory(atPath: "\(stage.folder)/folder", withIntermediateDirectories: true)
    let error = await #expect(throws: NexyError.self) {
      try await FileLease.withLease(at: "\(stage.folder)/\(name)", owner: "a", in: stage.machine()) { _ in }
    }
    #expect(error?.code == .leaseNotTaken)
    #expect(error?.message.contains("\(stage.folder)/\(name)") == true)
  }

  @Test("a holder's name cannot write on a terminal")
  func harmlessName() async throws {
    let stage = try LeaseStage()
    try stage.leaveRecord(owner: #"\u001b[2Jgone\u0007"#, host: "there", lasting: .seconds(60))
    let error = await #expect(throws: NexyError.self) {
      try await FileLease.withLease(at: stage.path, owner: "a", in: stage.machine()) { _ in }
    }
    #expect(error?.message.contains("[2Jgone") == true)
    #expect(error?.message.unicodeScalars.allSatisfy { $0.value >= 0x20 } == true)
  }

  struct Mishap: Error {}
}
