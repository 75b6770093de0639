import Foundation

/// What the kernel says about this process.
struct ProcessFigures: Sendable, Equatable {
  let residentBytes: Double
  let openFiles: Int
  /// Since 1970.
  let startSeconds: Double
  /// User and system time together.
  let cpuSeconds: Double

  /// Nil when a file of the kernel has another shape than proc(5) tells.
  ///
  /// - Parameters:
  ///   - stat: `/proc/self/stat`.
  ///   - memory: `/proc/self/statm`.
  ///   - boot: `/proc/stat`.
  init?(stat: String, memory: String, boot: String, openFiles: Int, ticksPerSecond: Double, pageBytes: Double) {
    // The second field is the program's name in parentheses, and may hold blanks and parentheses itself.
    guard let nameEnd = stat.lastIndex(of: ")") else { return nil }
    let fields = stat[nameEnd...].split(separator: " ").dropFirst().map { Double($0) }
    let pages = memory.split(separator: " ").dropFirst().first.flatMap { Double($0) }
    let bootLine = boot.split(separator: "\n").first { $0.hasPrefix("btime ") }
    guard fields.count > 19, let user = fields[11], let system = fields[12], let start = fields[19], let pages,
      let booted = bootLine.flatMap({ Double($0.dropFirst("btime ".count)) })
    else { return nil }
    residentBytes = pages * pageBytes
    self.openFiles = openFiles
    startSeconds = booted + start / ticksPerSecond
    cpuSeconds = (user + system) / ticksPerSecond
  }

  var families: [MetricFamily] {
    let values: [(MetricDescription, Double)] = [
      (.residentMemory, residentBytes), (.openFiles, Double(openFiles)), (.startTime, startSeconds),
      (.cpuTime, cpuSeconds),
    ]
    return values.map { description, value in
      MetricFamily(
        name: description.name, kind: description.kind == .counter ? .counter : .gauge, help: description.meaning,
        samples: [MetricFamily.Sample(name: description.name, dimensions: [], value: value)])
    }
  }
}

#if os(Linux)
import Glibc

extension ProcessFigures {
  /// As they are now.
  static func read() -> ProcessFigures? {
    guard let stat = text(of: "/proc/self/stat"), let memory = text(of: "/proc/self/statm"),
      let boot = text(of: "/proc/stat"),
      let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
    else { return nil }
    // One of the files is the listing's own.
    return ProcessFigures(
      stat: stat, memory: memory, boot: boot, openFiles: files.count - 1,
      ticksPerSecond: Double(sysconf(Int32(_SC_CLK_TCK))), pageBytes: Double(sysconf(Int32(_SC_PAGESIZE))))
  }

  private static func text(of path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }

  static let catalogue: [MetricDescription] = [.residentMemory, .openFiles, .startTime, .cpuTime]
}
#else
extension ProcessFigures {
  /// Only Linux tells them this way.
  static func read() -> ProcessFigures? { nil }
  static let catalogue: [MetricDescription] = []
}
#endif

extension MetricDescription {
  fileprivate static let residentMemory = MetricDescription(
    "process_resident_memory_bytes", .gauge, .bytes,
    meaning: "Memory of the server that is in RAM.",
    alert: "process_resident_memory_bytes > 1e9")
  fileprivate static let openFiles = MetricDescription(
    "process_open_fds", .gauge, .count,
    meaning: "Files, sockets and pipes that the server has open.",
    alert: "process_open_fds > 800")
  fileprivate static let startTime = MetricDescription(
    "process_start_time_seconds", .gauge, .seconds,
    meaning: "When the server was started, in seconds since 1970.",
    alert: "changes(process_start_time_seconds[30m]) > 2")
  fileprivate static let cpuTime = MetricDescription(
    "process_cpu_seconds_total", .counter, .seconds,
    meaning: "Processor time that the server has used, of user and system together.",
    alert: "rate(process_cpu_seconds_total[5m]) > 1.5")
}
