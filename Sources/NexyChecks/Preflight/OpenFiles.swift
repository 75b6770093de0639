import Foundation

/// How many files, sockets and pipes a process may have open.
enum OpenFiles {
  /// 1,000 connections, 64 downloads with a socket and a file each, 150 calls of models and 150 of engines at the same
  /// time (docs/operating.md), and 420 for espeak-ng's pipes, the database, the log and listeners; rounded up.
  static let fewest = 2048
  static let expected = "\(fewest) open files"

  static func sight(_ process: ListeningProcess.Finding) -> Sight {
    switch process {
    case .found(let id):
      let name = "the server (process \(id))"
      return sight(limits: text("/proc/\(id)/limits"), of: name)
    case .notOurs:
      return .skipped("the server is somebody else's process: run this as its user, or as root")
    case .unknown:
      #if os(Linux)
      return sight(limits: text("/proc/self/limits"), of: "this process, for want of the server's,")
      #else
      return .skipped("which process listens cannot be told on this system")
      #endif
    }
  }

  static func sight(limits: String?, of name: String) -> Sight {
    guard let limits, let soft = soft(limits) else { return .bad("the limits of \(name) cannot be read") }
    let told = "\(name) may open \(soft == .max ? "any number of" : "\(soft)") files"
    return soft >= fewest ? .good(told) : .bad(told)
  }

  /// The limit in force of a `/proc/PID/limits`.
  static func soft(_ limits: String) -> Int? {
    for line in limits.split(separator: "\n") where line.hasPrefix("Max open files") {
      let word = line.dropFirst("Max open files".count).split(separator: " ").first
      return word == "unlimited" ? .max : word.flatMap { Int($0) }
    }
    return nil
  }

  private static func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
}
