import Foundation
import NexyCore
import Synchronization
import Testing

@Suite("A lease has one holder, however many want it at once")
struct FileLeaseContentionTests {
  @Test("of many who wait, each gets its turn and no two at a time")
  func turns() async throws {
    let stage = try LeaseStage()
    var machine = stage.machine()
    machine.clock = ContinuousClock()
    let (surroundings, takers, inside) = (machine, 12, Counter())
    try await withThrowingTaskGroup(of: Void.self) { group in
      for taker in 0..<takers {
        group.addTask {
          try await FileLease.withLease(
            at: stage.path, owner: "taker \(taker)", waitingAtMost: .seconds(60), in: surroundings
          ) { lease in
            #expect(inside.enter() == 1)
            await Task.yield()
            try lease.confirm()
            inside.leave()
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(inside.entered == takers)
    #expect(stage.text.isEmpty)
  }

  @Test("of many who find one stale lease in the same moment, one takes it", arguments: 0..<10)
  func heirs(round: Int) async throws {
    let stage = try LeaseStage()
    switch round % 3 {
    case 0: try stage.leaveRecord(host: "there", lasting: .zero)
    case 1: try stage.leaveRecord(process: 99, lasting: .seconds(60))
    default:
      try stage.leave("half a rec")
      try stage.setWall(after: stage.path, by: .seconds(601))
    }
    let (surroundings, takers, refused) = (stage.machine(), 16, AsyncStream<Void>.makeStream())
    let winners = Counter()
    await withTaskGroup(of: Void.self) { group in
      for taker in 0..<takers {
        group.addTask {
          do {
            try await FileLease.withLease(at: stage.path, owner: "heir \(taker)", in: surroundings) { _ in
              _ = winners.enter()
              // It goes on holding until every other one was refused.
              for await _ in refused.stream.prefix(takers - 1) {}
            }
          } catch {
            #expect((error as? NexyError)?.code == .leaseHeld)
            refused.continuation.yield()
          }
        }
      }
    }
    #expect(winners.entered == 1)
    #expect(stage.text.isEmpty)
  }

  @Test("no two takers are between reading the file and writing it at the same moment")
  func transitions() async throws {
    let stage = try LeaseStage()
    try stage.leaveRecord(host: "there", lasting: .zero)
    let inside = Counter()
    var machine = stage.machine()
    let time = machine.wallTime
    // A lease asks for the time exactly there; a little of it must pass, or two would hardly ever meet.
    machine.wallTime = {
      #expect(inside.enter() == 1)
      usleep(1000)
      inside.leave()
      return time()
    }
    let surroundings = machine
    await withTaskGroup(of: Void.self) { group in
      for taker in 0..<16 {
        group.addTask { try? await FileLease.withLease(at: stage.path, owner: "\(taker)", in: surroundings) { _ in } }
      }
    }
    #expect(inside.entered >= 16)
  }

  final class Counter: Sendable {
    private let state = Mutex((inside: 0, entered: 0))
    var entered: Int { state.withLock(\.entered) }

    /// - Returns: how many are inside now.
    func enter() -> Int {
      state.withLock { state in
        state.inside += 1
        state.entered += 1
        return state.inside
      }
    }

    func leave() { state.withLock { $0.inside -= 1 } }
  }
}
