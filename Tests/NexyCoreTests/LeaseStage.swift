import Foundation
import NexyCore
import NexyTestSupport
import Synchronization

/// A folder with a lease, a wall clock that a test moves, and machines whose processes a test ends.
final class LeaseStage: Sendable {
  let clock = VirtualClock()
  let folder: String
  private let wall = Mutex<Int64>(1_772_694_489_000)
  private let running = Mutex<Set<Int32>>([])

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("nexy-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  var path: String { "\(folder)/work.lock" }

  /// What the file says; empty when nobody holds the lease.
  var text: String { FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? "" }

  func machine(_ host: String = "here", process: Int32 = 1) -> LeaseSurroundings {
    start(process)
    return LeaseSurroundings(
      host: host, process: process, isRunning: { [self] process in running.withLock { $0.contains(process) } },
      wallTime: { [self] in wall.withLock(\.self) }, clock: clock)
  }

  func start(_ process: Int32) { running.withLock { _ = $0.insert(process) } }
  func end(_ process: Int32) { running.withLock { _ = $0.remove(process) } }

  /// Moves the wall clock alone: who renews a lease does not notice.
  func turnWall(by duration: Duration) { wall.withLock { $0 += duration.wholeMilliseconds } }

  /// Puts the wall clock at a file's own time, plus a duration.
  func setWall(after path: String, by duration: Duration) throws {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    let modified = (attributes[.modificationDate] as? Date) ?? .distantPast
    let milliseconds = Int64(modified.timeIntervalSince1970 * 1000) + duration.wholeMilliseconds
    wall.withLock { $0 = milliseconds }
  }

  /// Both clocks go on together, as they do on a machine.
  func advance(by duration: Duration) {
    turnWall(by: duration)
    clock.advance(by: duration)
  }

  /// Leaves a lease behind, as a process does that is stopped without a word.
  func leave(_ text: String) throws { try AtomicFile.write(Array(text.utf8), to: path) }

  /// The record of a holder that is not there any more.
  func leaveRecord(owner: String = "another", host: String = "here", process: Int32 = 9, lasting term: Duration) throws
  {
    let now = wall.withLock(\.self)
    try leave(
      """
      {"owner":"\(owner)","process":\(process),"host":"\(host)","since":"\(ISO8601.text(milliseconds: now))",\
      "expires":"\(ISO8601.text(milliseconds: now + term.wholeMilliseconds))","token":"1"}
      """)
  }
}
