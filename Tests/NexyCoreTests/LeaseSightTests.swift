import Foundation
import NexyCore
import NexyTestSupport
import Testing

@Suite("A lease can be looked at, and one that nobody holds can be ended")
struct LeaseSightTests {
  enum Left: CaseIterable { case nothing, empty, running, ended, foreign, garbage }

  private func leave(_ left: Left, on stage: LeaseStage) throws {
    switch left {
    case .nothing: break
    case .empty: try stage.leave("")
    case .running:
      stage.start(9)
      try stage.leaveRecord(lasting: .seconds(60))
    case .ended: try stage.leaveRecord(lasting: .seconds(60))
    case .foreign: try stage.leaveRecord(host: "there", lasting: .seconds(60))
    case .garbage:
      try stage.leave("half a rec")
      try stage.setWall(after: stage.path, by: .zero)
    }
  }

  private static func state(_ sight: LeaseSight) -> String {
    switch sight {
    case .free: "free"
    case .held: "held"
    case .expired: "expired"
    case .abandoned: "abandoned"
    case .unreadable(_, _, let isOver): isOver ? "unreadable, over" : "unreadable"
    }
  }

  private static let looks: [(left: Left, age: Int, state: String)] = [
    (.nothing, 0, "free"), (.empty, 0, "free"), (.running, 59, "held"), (.running, 60, "expired"),
    (.ended, 0, "abandoned"), (.ended, 60, "expired"), (.foreign, 59, "held"), (.foreign, 60, "expired"),
    (.garbage, 590, "unreadable"), (.garbage, 601, "unreadable, over"),
  ]

  @Test("what stands is told, and stays as it is", arguments: looks)
  func look(left: Left, age: Int, state: String) throws {
    let stage = try LeaseStage()
    try leave(left, on: stage)
    stage.turnWall(by: .seconds(age))
    let before = stage.text
    #expect(Self.state(try FileLease.look(at: stage.path, in: stage.machine())) == state)
    #expect(stage.text == before)
    #expect(FileManager.default.fileExists(atPath: stage.path) == (left != .nothing))
  }

  @Test("the holder is told: what it does, its process and host, since when and until when")
  func holder() throws {
    let stage = try LeaseStage()
    try stage.leaveRecord(owner: "a publication", host: "there", process: 77, lasting: .seconds(60))
    guard case .held(let holder) = try FileLease.look(at: stage.path, in: stage.machine()) else {
      Issue.record("It is not told as held.")
      return
    }
    #expect(holder.owner == "a publication")
    #expect(holder.process == 77)
    #expect(holder.host == "there")
    #expect(ISO8601.text(milliseconds: holder.since) == "2026-03-05T07:08:09.000Z")
    #expect(ISO8601.text(milliseconds: holder.expires) == "2026-03-05T07:09:09.000Z")
  }

  @Test("one that is over or abandoned is ended; one that somebody alive holds is refused", arguments: looks)
  func clear(left: Left, age: Int, state: String) throws {
    let stage = try LeaseStage()
    try leave(left, on: stage)
    stage.turnWall(by: .seconds(age))
    let before = stage.text
    if ["held", "unreadable"].contains(state) {
      let error = #expect(throws: NexyError.self) { try FileLease.clear(at: stage.path, in: stage.machine()) }
      #expect(error?.code == .leaseHeld)
      #expect(stage.text == before)
    } else {
      #expect(Self.state(try FileLease.clear(at: stage.path, in: stage.machine())) == state)
      #expect(stage.text.isEmpty)
    }
  }

  @Test("a lease that is ended under its holder's hands is noticed by the holder")
  func noticed() async throws {
    let stage = try LeaseStage()
    let error = await #expect(throws: NexyError.self) {
      try await FileLease.withLease(at: stage.path, owner: "slow", term: .seconds(30), in: stage.machine()) { lease in
        stage.turnWall(by: .seconds(30))
        _ = try FileLease.clear(at: stage.path, in: stage.machine(process: 2))
        try lease.confirm()
      }
    }
    #expect(error?.code == .leaseLost)
  }

  @Test("what cannot be a lease is told by its path", arguments: ["link", "folder"])
  func unusable(name: String) throws {
    let stage = try LeaseStage()
    try FileManager.default.createSymbolicLink(atPath: "\(stage.folder)/link", withDestinationPath: "/nowhere")
    try FileManager.default.createDirectory(atPath: "\(stage.folder)/folder", withIntermediateDirectories: true)
    let error = #expect(throws: NexyError.self) {
      try FileLease.look(at: "\(stage.folder)/\(name)", in: stage.machine())
    }
    #expect(error?.code == .leaseNotTaken)
    #expect(error?.message.contains("\(stage.folder)/\(name)") == true)
  }
}
