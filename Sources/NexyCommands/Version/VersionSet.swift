import ArgumentParser
import NexyConfig
import NexyCore
import NexyRelease
import NexyUpdates

/// `nexy version set`: one version, everywhere it stands, or nowhere.
struct VersionSet: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Sets the version everywhere it stands, or nowhere.",
    discussion: """
      A lower version and a jump are refused (the first number may rise by one, others by 1,000) unless --override says why. \
      Manifests stay as they are: their version is their file's, and only publishing and promoting change both.

      A set that is killed is finished by the next one. Exit status: 0 done, 1 refused or not written, 2 wrong usage, 3 \
      somebody else holds the lock.
      """)

  @Argument(help: "Four numbers, such as 2.0.0.16.") var version: String
  @Flag(help: "Do everything but write.") var dryRun = false
  @Option(help: "Why a lower version or a jump is right this time.") var override: String?
  @OptionGroup var options: VersionOptions

  func validate() throws {
    _ = try VersionOptions.version(version)
    guard override.map({ (1...500).contains($0.trimmed.utf8.count) }) ?? true else {
      throw ValidationError("--override needs a reason of 1 to 500 bytes; say why it is right this time.")
    }
  }

  func run() async throws {
    let version = try VersionOptions.version(version)
    let writer = try options.writer()
    let tell: @Sendable (VersionWriter.FinishedChange) -> Void = { [dryRun] in VersionReport.tell($0, isDryRun: dryRun)
    }
    let isOverridden = override != nil
    let outcome =
      dryRun
      ? try writer.rehearse(version, axes: options.axes, isOverridden: isOverridden, onFinish: tell)
      : try await writer.set(version, axes: options.axes, isOverridden: isOverridden, onFinish: tell)
    if let override {
      for finding in outcome.plan.overridden {
        Terminal.error("overridden: \(finding.place): \(finding.message) Reason: \(override)".printable)
      }
    }
    if let override, !dryRun, !outcome.plan.overridden.isEmpty {
      try ReleaseHistory(stateFolder: try options.flags.load().release.stateFolder).note(
        override: override, rules: outcome.plan.overridden.map(\.rule), version: outcome.plan.version.text,
        at: LeaseSurroundings.system.wallTime())
    }
    if options.json { return try Terminal.json(VersionSetDocument(outcome, isDryRun: dryRun)) }
    for line in VersionReport.lines(outcome.plan) {
      Terminal.print(((dryRun ? "[dry-run] " : "") + line).printable)
    }
  }
}

/// What was set, as JSON.
private struct VersionSetDocument: Encodable {
  let version: String
  let dryRun: Bool
  let changed: [VersionPlan.Change]
  let pending: [PendingRelease]
  /// The change that was finished first.
  let finished: String?

  init(_ outcome: VersionWriter.Outcome, isDryRun: Bool) {
    version = outcome.plan.version.text
    dryRun = isDryRun
    changed = outcome.plan.changes
    pending = outcome.plan.pending
    finished = outcome.finished?.version
  }
}
