import NexyCore
import NexyObservability
import NexyProviders
import NexyServer
import NexyVoice

/// A voice server in this process, on a free port of loopback, for as long as a benchmark runs.
enum BenchServer {
  /// Runs `body` beside a voice server that runs `turn`.
  static func withNexy<Result: Sendable>(
    turn: Turn, _ body: @escaping @Sendable (Int) async throws -> Result
  ) async throws -> Result {
    let voice = VoiceRoom(
      intake: TurnIntake(buffer: CollectBuffer()), registry: TurnRegistry(limits: TurnLimits(turns: 1000)), turn: turn,
      welcome: Welcome(synthesizer: ToneSynthesizer(), rules: Turn.Rules()), usage: NoLedger())
    let (ports, port) = AsyncStream<Int>.makeStream()
    let listener = VoiceListener(
      host: "127.0.0.1", port: 0, gracePeriod: .zero, voice: voice, health: ServerHealth(), metrics: ServerMetrics(),
      log: .silent, isReflecting: { false }, onListening: { port.yield($0) })
    return try await beside(ports, server: { try await listener.run() }, body)
  }

  /// Runs `body` with the first port that `server` tells, and ends the server after it.
  static func beside<Result: Sendable>(
    _ ports: AsyncStream<Int>, server: @escaping @Sendable () async throws -> Void,
    _ body: @escaping @Sendable (Int) async throws -> Result
  ) async throws -> Result {
    try await withThrowingTaskGroup(of: Result?.self) { group in
      group.addTask {
        try await server()
        return nil
      }
      group.addTask {
        for await port in ports { return try await body(port) }
        return nil
      }
      while let result = try await group.next() {
        guard let result else { continue }
        group.cancelAll()
        return result
      }
      throw NexyError(.benchFailed, "The benchmark's server ended before its client.")
    }
  }
}

private struct NoLedger: UsageLedger {
  func record(_ entry: UsageEntry) async throws {}
  func note(_ entry: UsageEntry) {}
}

extension NexyError.Code {
  static let benchFailed = Self("bench_failed")
}
