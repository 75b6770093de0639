import Foundation
import NexyCore

/// Looks for our own requests in the server's decision log.
struct LogLook: Sendable {
  private let run: CheckRun
  /// What the log gained since; nil where there is none to read.
  private let growth: Result<LogGrowth, any Error>?

  /// Lines are written in the background, a moment later.
  private static let delay = Duration.seconds(3)

  /// - Parameter path: The log, before any of our requests; nil where it cannot be read.
  init(run: CheckRun, path: String?) {
    self.run = run
    growth = path.map { path in Result { try LogGrowth(path) } }
  }

  /// - Parameters:
  ///   - spoken: The device of a turn that ended well.
  ///   - refused: The device of a request that was refused for its empty prompt.
  func look(spoken: String, refused: String) async {
    let rows: [(CheckPoint, String, [Word])] = [
      (.logged, spoken, [.decision("start"), .decision("complete")]),
      (.loggedRefusal, refused, [.decision("reject"), .member("error_code", "INVALID_ARGUMENT")]),
    ]
    for (point, device, words) in rows {
      let expected = words.map(\.told).joined(separator: " and ")
      guard let growth else {
        run.record(point, expecting: expected, .skipped("no --log is given"))
        continue
      }
      await run.look(point, expecting: expected, within: Self.delay + run.patience) {
        try await Self.sight(of: device, words, in: growth.get())
      }
    }
  }

  /// What a line of one request has to say.
  private enum Word: Sendable {
    case decision(String)
    case member(String, String)

    var told: String {
      switch self {
      case .decision(let decision): "decision=\(decision)"
      case .member(let name, let value): "\(name)=\(value)"
      }
    }

    func isIn(_ line: Substring) -> Bool {
      switch self {
      case .decision(let decision): LogGrowth.tells(decision, line)
      case .member(let name, let value): LogGrowth.value(of: name, in: line) == value[...]
      }
    }
  }

  private static func sight(of device: String, _ words: [Word], in log: LogGrowth) async throws -> Sight {
    let began = ContinuousClock.now
    while true {
      let lines = try log.lines().filter { $0.contains(device) }
      let requests = Set(lines.compactMap { LogGrowth.value(of: "request_id", in: $0) })
      let missing = words.filter { word in !lines.contains(where: word.isIn) }.map(\.told)
      if missing.isEmpty, requests.count == 1, let request = requests.first {
        return .good("request_id \(request), \(lines.count) lines")
      }
      guard ContinuousClock.now - began < delay else {
        if lines.isEmpty { return .bad("no line of \(log.path) tells of it") }
        return .bad(
          "\(lines.count) lines, request ids \(requests.sorted()), without \(missing.joined(separator: " and "))")
      }
      try await Task.sleep(for: .milliseconds(50))
    }
  }
}
