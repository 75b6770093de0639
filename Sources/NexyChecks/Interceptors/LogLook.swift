import Foundation
import NexyCore

/// Looks for our own requests in the server's decision log.
struct LogLook: Sendable {
  let run: CheckRun
  /// nil where the log cannot be read.
  let path: String?

  /// Lines are written in the background, a moment later.
  private static let delay = Duration.seconds(3)
  /// Bytes at the log's end that are read: minutes of a busy server.
  private static let tail: UInt64 = 8 << 20

  /// - Parameters:
  ///   - spoken: The device of a turn that ended well.
  ///   - refused: The device of a request that was refused for its empty prompt.
  func look(spoken: String, refused: String) async {
    let rows: [(CheckPoint, String, [String])] = [
      (.logged, spoken, ["decision=start", "decision=complete"]),
      (.loggedRefusal, refused, ["decision=reject", "\"error_code\": \"INVALID_ARGUMENT\""]),
    ]
    for (point, device, words) in rows {
      let expected = words.joined(separator: " and ")
      guard let path else {
        run.record(point, expecting: expected, .skipped("no --log is given"))
        continue
      }
      await run.look(point, expecting: expected, within: Self.delay + run.patience) {
        try await Self.sight(of: device, words, in: path)
      }
    }
  }

  private static func sight(of device: String, _ words: [String], in path: String) async throws -> Sight {
    let began = ContinuousClock.now
    while true {
      let lines = try tail(of: path).split(separator: "\n").filter { $0.contains(device) }
      let requests = Set(lines.compactMap(request))
      let missing = words.filter { word in !lines.contains { $0.contains(word) } }
      if missing.isEmpty, requests.count == 1, let request = requests.first {
        return .good("request_id \(request), \(lines.count) lines")
      }
      guard ContinuousClock.now - began < delay else {
        if lines.isEmpty { return .bad("no line tells of it in the last \(Self.tail >> 20) MiB of \(path)") }
        return .bad(
          "\(lines.count) lines, request ids \(requests.sorted()), without \(missing.joined(separator: " and "))")
      }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  private static func request(_ line: Substring) -> String? {
    guard let range = line.range(of: "\"request_id\": \"") else { return nil }
    return String(line[range.upperBound...].prefix { $0 != "\"" })
  }

  private static func tail(of path: String) throws -> String {
    do {
      let file = try FileHandle(forReadingFrom: URL(filePath: path))
      defer { try? file.close() }
      let size = try file.seekToEnd()
      try file.seek(toOffset: size > tail ? size - tail : 0)
      return String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
    } catch {
      throw NexyError(.logNotRead, "\(path) could not be read: check --log", cause: error)
    }
  }
}

extension NexyError.Code {
  /// The decision log could not be read.
  static let logNotRead = Self("log_not_read")
}
