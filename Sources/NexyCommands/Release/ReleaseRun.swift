import ArgumentParser
import NexyCore
import NexyRelease
import NexyUpdates

/// What all commands that move a release have in common: their settings, a dry run, and how they are told.
struct ReleaseRun: ParsableArguments {
  @Flag(help: "Do everything but write.") var dryRun = false
  @Flag(help: "Print the plan that was carried out as JSON; all other lines go to standard error.") var json = false
  @OptionGroup var flags: SettingsFlags

  /// Decides, and carries out what was decided, or tells it.
  ///
  /// - Parameters:
  ///   - completion: the line that says that all is done.
  ///   - skipped: the line that says that nothing was to be done.
  func carryOut(
    _ kind: ReleasePlan.Kind, to channel: Channel, completion: String, skipped: String = "SKIPPED",
    _ decide: @escaping @Sendable (ReleaseRoom, @escaping ArtifactInspection) async throws -> Funnel.Decision
  ) async throws {
    let prefix = dryRun ? "[dry-run] " : ""
    let say: @Sendable (String) -> Void = { [json] line in
      json ? Terminal.error((prefix + line).printable) : Terminal.print((prefix + line).printable)
    }
    try await ReleaseFailure.told {
      try await move(kind, channel, completion: completion, skipped: skipped, say, decide)
    }
  }

  private func move(
    _ kind: ReleasePlan.Kind, _ channel: Channel, completion: String, skipped: String,
    _ say: @escaping @Sendable (String) -> Void,
    _ decide: @escaping @Sendable (ReleaseRoom, @escaping ArtifactInspection) async throws -> Funnel.Decision
  ) async throws {
    try await ReleaseAssembly(settings: try flags.load(), say: say).withRoom { room, inspect in
      let decision: Funnel.Decision
      if dryRun {
        decision = try await decide(room, inspect)
        if case .carryOut(let plan) = decision { tell(plan, say) }
      } else {
        decision = try await Funnel(room, kind, to: channel).run { try await decide(room, inspect) }
      }
      switch decision {
      case .carryOut(let plan):
        if json { try Terminal.json(plan) }
        say(dryRun ? "Nothing was written." : "\(completion) version=\(plan.version) channel=\(plan.channel)")
      case .skip(let reason): say("\(skipped): \(reason)")
      }
    }
  }

  private func tell(_ plan: ReleasePlan, _ say: (String) -> Void) {
    for (index, step) in plan.steps.enumerated() {
      say("[\(index + 1)/\(plan.steps.count)] would \(plan.words(step))")
    }
  }
}

/// How a release command fails: as the operator's programs know it.
enum ReleaseFailure {
  /// - Throws: exit status 3 when somebody else holds a lock, 1 for every other failure of the work.
  static func told(_ work: () async throws -> Void) async throws {
    do { try await work() } catch let error as NexyError {
      let lines = Redaction.masked(error.message).split(separator: "\n").map { String($0).printable }
      Terminal.error("ERROR: " + lines.joined(separator: "\n"))
      if let detail = error.fullDetail { Terminal.error("  " + Redaction.masked(detail)) }
      throw ExitCode(error.code == .leaseHeld ? 3 : 1)
    }
  }
}
