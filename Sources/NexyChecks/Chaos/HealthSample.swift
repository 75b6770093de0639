import NexyCore
import Synchronization

/// What `/health` said while something was wrong.
struct HealthSample: Sendable {
  let at: ContinuousClock.Instant
  /// Its HTTP status; 0 when none came.
  let status: Int
  let word: String
  let isReady: Bool
  let reasons: [String]

  static func take(_ target: CheckTarget, _ web: WebLine) async -> HealthSample {
    let at = ContinuousClock.now
    guard let answer = try? await web.get(target.address(target.health, "/health")) else {
      return HealthSample(at: at, status: 0, word: "no answer", isReady: false, reasons: [])
    }
    let page = answer.object ?? [:]
    return HealthSample(
      at: at, status: answer.status, word: page.text("status") ?? "no status", isReady: page.isTrue("ready"),
      reasons: page.texts("reasons"))
  }

  /// Takes one again and again while `body` runs.
  static func during<Value: Sendable>(
    _ target: CheckTarget, _ body: () async throws -> Value
  ) async throws -> (Value, [HealthSample]) {
    let samples = Samples()
    let value = try await WebLine.with(target, patience: ChaosTimes.page) { web in
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          while true {
            let sample = await take(target, web)
            // Whoever was cut off in the middle of a request has seen nothing.
            try Task.checkCancellation()
            samples.taken.withLock { $0.append(sample) }
            try await Task.sleep(for: .milliseconds(250))
          }
        }
        defer { group.cancelAll() }
        return try await body()
      }
    }
    return (value, samples.taken.withLock { $0 })
  }

  private final class Samples: Sendable { let taken = Mutex<[HealthSample]>([]) }
}
