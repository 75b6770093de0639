import Foundation

/// What a benchmark ran on: what figures depend on, and nothing that names the machine.
struct Machine: Codable, Equatable, Sendable {
  var processor: String
  var cores: Int
  /// Memory in GiB, rounded.
  var memory: Int
  var system: String
  /// `release` or `debug`: figures of the latter mean nothing.
  var build: String
}

extension Machine {
  static var this: Machine {
    let process = ProcessInfo.processInfo
    return Machine(
      processor: processor, cores: process.activeProcessorCount,
      memory: Int((Double(process.physicalMemory) / Double(1 << 30)).rounded()),
      system: process.operatingSystemVersionString, build: build)
  }

  private static var processor: String {
    let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let name = lines.split(separator: "\n").first { $0.hasPrefix("model name") }?.split(separator: ":").last
    return name.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
  }

  private static var build: String {
    #if DEBUG
    "debug"
    #else
    "release"
    #endif
  }
}
