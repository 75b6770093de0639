import Foundation
import NexyCore

/// A point of chaos with what is promised.
struct ChaosPromise: Sendable {
  let point: CheckPoint
  let expected: String
}

/// One thing that goes wrong, on servers of its own.
struct ChaosScenario: Sendable {
  /// The name of its folder.
  let name: String
  let promises: [ChaosPromise]
  let play: @Sendable (ChaosScene) async throws -> Void

  /// Plays it; a promise that was not looked at, because something failed before, was not kept.
  /// - Throws: `CancellationError` alone.
  func look(_ run: CheckRun, program: String, folder: URL) async throws {
    var failure = "it was not looked at"
    do {
      let folder = folder.appending(path: name)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try await bounded(ChaosTimes.scenario) { try await play(ChaosScene(run: run, program: program, folder: folder)) }
    } catch {
      try Task.checkCancellation()
      failure = (error as? NexyError)?.message ?? "it failed: \(error)"
    }
    let seen = Set(run.results.map(\.point.id))
    for promise in promises where !seen.contains(promise.point.id) {
      run.record(promise.point, expecting: promise.expected, .bad(failure))
    }
  }
}

/// Where a scenario plays.
struct ChaosScene: Sendable {
  let run: CheckRun
  /// The server's executable.
  let program: String
  let folder: URL

  func record(_ promise: ChaosPromise, _ sight: Sight, latency: Duration? = nil) {
    run.record(promise.point, expecting: promise.expected, sight, latency: latency)
  }

  /// Plays in front of a provider with a network between.
  func withProvider(_ body: (FaultProxy, ServerPlan) async throws -> Void) async throws {
    try await FakeProvider.with { provider in
      try await FaultProxy.with(to: provider.port) { proxy in
        try await body(proxy, ServerPlan(program: program, folder: folder, providerPort: proxy.port))
      }
    }
  }
}
