import NexyCore
import NexyUpdates

/// What can be checked; `preflight`, `gate` and `all` are made of the others.
package enum CheckFamily: String, Sendable, CaseIterable {
  case smoke, health, contract, interceptors, backpressure, updates, preflight, chaos, gate
}

/// What a check may know beside the address.
package struct CheckSettings: Sendable {
  /// How long anything that answers at once may take.
  package var patience: Duration
  /// How often a row of the contract is asked for its latency.
  package var repeats: Int
  /// The server's decision log, where it can be read.
  package var logPath: String?
  /// What releases are signed with; nil checks no signature.
  package var publicKey: SparklePublicKey?
  /// Whether every page of the update server may be read from any origin; UPDATE_CORS of the server.
  package var opensOrigins = true
  /// What a preflight and the gate may know of this machine.
  package var preflight = PreflightSettings()
  package var chaos: ChaosSettings

  package init(
    patience: Duration = .seconds(10), repeats: Int = 3, logPath: String? = nil,
    publicKey: SparklePublicKey? = nil, chaos: ChaosSettings = ChaosSettings()
  ) {
    self.patience = patience
    self.repeats = repeats
    self.logPath = logPath
    self.publicKey = publicKey
    self.chaos = chaos
  }
}

/// The server seen from outside: every family against one target, in order.
package enum Checks {
  /// - Parameters:
  ///   - name: What the report is called.
  ///   - told: Given each result as it is found.
  /// - Throws: `NexyError` for certificates that cannot be read; a server that does not answer is a result.
  package static func report(
    _ name: String, of families: [CheckFamily], against wish: TargetWish, _ settings: CheckSettings,
    told: @escaping @Sendable (CheckResult) -> Void
  ) async throws -> CheckReport {
    let began = ContinuousClock.now
    let target = try await TargetFinder(wish: wish, patience: settings.patience).target()
    let results = try await WebLine.with(target, patience: settings.patience) { web in
      let run = CheckRun(
        target, web: web, patience: settings.patience, cannotHold: await cannotHold(target, web), told: told)
      for family in families {
        try Task.checkCancellation()
        if let refusal = target.refusal, family != .chaos {
          run.record(.trusted(family), expecting: "a certificate that is trusted", .bad(refusal))
        } else {
          do { try await family.look(run, settings) } catch let error where !(error is CancellationError) {
            run.record(.looked(family), expecting: "a look to the end", .bad(CheckRun.words(of: error)))
          }
        }
      }
      return run.results
    }
    return CheckReport(check: name, target: target, results: results, duration: ContinuousClock.now - began)
  }
}

extension Checks {
  /// An ingress and the buffers on its way take megabytes of what nobody reads, and the tone engine makes them at once;
  /// real speech takes its time.
  private static func cannotHold(_ target: CheckTarget, _ web: WebLine) async -> String? {
    guard target.isIngress, (try? await StatusPage.read(target, web))?.voice == "tone" else { return nil }
    return "behind an ingress the tone engine is done before a turn can be held: look straight at the listeners"
  }
}

extension CheckFamily {
  fileprivate func look(_ run: CheckRun, _ settings: CheckSettings) async throws {
    switch self {
    case .smoke: try await SmokeCheck.look(run)
    case .health: try await HealthCheck.look(run)
    case .contract: try await ContractCheck.look(run, settings)
    case .interceptors: try await InterceptorCheck.look(run, settings)
    case .backpressure: try await BackpressureCheck.look(run)
    case .updates: await UpdatesCheck.look(run, settings)
    case .preflight: await PreflightCheck.look(run, settings.preflight)
    case .gate: await GateCheck.look(run, settings)
    case .chaos: try await ChaosCheck.look(run, settings.chaos)
    }
  }
}

extension CheckPoint {
  /// A family that ended before its end; what it saw by then stands.
  fileprivate static func looked(_ family: CheckFamily) -> Self {
    let (id, title) = ("\(family.rawValue).looked", "The check came to its end")
    // Its servers are its own.
    if family == .chaos {
      return Self(id, title, cause: "The temporary folder has no room, or may not be written.", see: .machine)
    }
    return Self(id, title, cause: "The server went away, or lets nobody in.", see: .unreachable)
  }

  fileprivate static func trusted(_ family: CheckFamily) -> Self {
    Self(
      "\(family.rawValue).trusted", "The certificate is the pinned one",
      cause: "The certificate was renewed, or somebody stands between.", see: .certificate)
  }
}
