import Foundation
import NexyCore
import Subprocess

/// A place for a server's files that can be filled and emptied again while it runs.
enum TightDisk: Sendable {
  /// A small file system in memory, mounted for the server alone: it is gone with the server, however that ends.
  case fileSystem(command: [String], entry: [String], place: URL)
  /// In its place, a limit of the size of files (RLIMIT_FSIZE), which is taken down to nothing.
  case fileLimit(place: URL)

  private static let bytes = 4 << 20
  /// The smallest piece in which such a file system gives room.
  private static let page = 4096

  /// What this machine lets this process have; nil for neither.
  static func find(in folder: URL) async throws -> TightDisk? {
    let place = folder.appending(path: "disk")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    let mount = "mount -t tmpfs -o size=\(bytes),mode=0700 nexy-check \"$0\" && exec \"$@\""
    // Who is not root here may be it in a name space of its own.
    let ways = [([], ["--mount"]), (["--map-root-user"], ["--mount", "--user", "--preserve-credentials"])]
    for (mapping, entry) in ways {
      let command = ["unshare", "--mount"] + mapping + ["sh", "-c", mount, place.path()]
      if await works(["nsenter", "--version"]), await works(command + ["true"]) {
        return .fileSystem(command: command, entry: ["nsenter"] + entry, place: place)
      }
    }
    return await works(["prlimit", "--version"]) ? .fileLimit(place: place) : nil
  }

  /// For a line of a report.
  var told: String {
    switch self {
    case .fileSystem: "a full tmpfs"
    case .fileLimit: "RLIMIT_FSIZE in the place of a full disk"
    }
  }

  /// Lets the server's files be there.
  func take(_ plan: inout ServerPlan) {
    switch self {
    case .fileSystem(let command, _, let place):
      plan.wrapper = command
      plan.data = place.appending(path: "data")
    case .fileLimit(let place):
      // Without the signal a write beyond the limit fails as one on a full disk does.
      plan.wrapper = ["sh", "-c", "trap '' XFSZ; exec \"$@\"", "nexy"]
      plan.data = place.appending(path: "data")
    }
  }

  /// What a command begins with to see the files as the server does.
  func entry(of process: Int32) -> [String] {
    switch self {
    case .fileSystem(_, let entry, _): entry + ["--target", "\(process)"]
    case .fileLimit: []
    }
  }

  /// Takes all room.
  func fill(_ process: Int32) async throws {
    switch self {
    case .fileSystem(_, _, let place):
      let filler = Self.filler(place, of: process)
      guard FileManager.default.createFile(atPath: filler.path(), contents: nil) else {
        throw NexyError(.diskNotFilled, "the file system of the server cannot be written to")
      }
      let file = try FileHandle(forWritingTo: filler)
      defer { try? file.close() }
      let piece = Data(count: Self.page)
      for _ in 0..<(2 * Self.bytes / Self.page) {
        do { try file.write(contentsOf: piece) } catch { return }
      }
      throw NexyError(.diskNotFilled, "the file system of the server does not get full")
    case .fileLimit: try await Self.limit(process, to: "0")
    }
  }

  /// Gives the room back.
  func empty(_ process: Int32) async throws {
    switch self {
    case .fileSystem(_, _, let place):
      try FileManager.default.removeItem(at: Self.filler(place, of: process))
    case .fileLimit: try await Self.limit(process, to: "unlimited")
    }
  }

  /// The file that takes the room, as it is seen from outside.
  private static func filler(_ place: URL, of process: Int32) -> URL {
    URL(filePath: "/proc/\(process)/root\(place.path())").appending(path: "filler")
  }

  private static func works(_ command: [String]) async -> Bool {
    let result = try? await bounded(ChaosTimes.page) {
      try await Subprocess.run(
        .name(command[0]), arguments: Arguments(Array(command.dropFirst())), output: .discarded, error: .discarded)
    }
    return result?.terminationStatus.isSuccess == true
  }

  /// The soft limit alone, so that it can be taken back.
  private static func limit(_ process: Int32, to bytes: String) async throws {
    guard await works(["prlimit", "--pid", "\(process)", "--fsize=\(bytes):"]) else {
      throw NexyError(.diskNotFilled, "the server's limits cannot be changed")
    }
  }
}

extension NexyError.Code {
  /// The disk of a check's own server could not be filled.
  static let diskNotFilled = Self("disk_not_filled")
}
