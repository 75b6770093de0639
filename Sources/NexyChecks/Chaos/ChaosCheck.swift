import Foundation

/// What chaos starts and plays.
package struct ChaosSettings: Sendable {
  /// The executable of the server; nil where it is not known.
  package var server: String?
  /// The scenarios by name; none for all.
  package var scenarios: [String]

  package init(server: String? = nil, scenarios: [String] = []) {
    self.server = server
    self.scenarios = scenarios
  }

  /// All scenarios.
  package static var names: [String] { ChaosCheck.lanes.joined().map(\.name) }
}

/// What the server does when its provider, its machine or its own life fails: on servers that the check starts itself.
enum ChaosCheck {
  /// Side by side, so that the half minute of an outage costs no more than that; each on a server of its own.
  static let lanes: [[ChaosScenario]] = [[.outage], ChaosScenario.providerFaults, [.term, .kill, .disk, .clock]]

  /// - Throws: `CancellationError`, and what the system says when there is no room for a folder.
  static func look(_ run: CheckRun, _ settings: ChaosSettings) async throws {
    let lanes = lanes.map { lane in
      lane.filter { settings.scenarios.isEmpty || settings.scenarios.contains($0.name) }
    }
    guard let program = settings.server else {
      for promise in lanes.joined().flatMap(\.promises) {
        let reason = "this program does not know where it is; run it by its path"
        run.record(promise.point, expecting: promise.expected, .skipped(reason))
      }
      return
    }
    try await ScratchFolder.with { folder in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for lane in lanes {
          group.addTask { for scenario in lane { try await scenario.look(run, program: program, folder: folder) } }
        }
        try await group.waitForAll()
      }
    }
  }
}
