import NexyCore
import NexyRelease
import NexyUpdates

/// What the commands of versions say; the words before `=` are the predecessor's, and scripts look for them.
enum VersionReport {
  /// `server 0.1.0.0 (VERSION)`
  static func line(_ survey: VersionSurvey, _ axis: VersionAxis) -> String {
    let declared = survey.declared(axis).map { "\($0.text) (\($0.label))" } ?? "no version stands anywhere"
    let published = survey.published(axis).map { "\($0.channel) \($0.version)" }.joined(separator: ", ")
    return "\(axis.rawValue) \(declared)" + (published.isEmpty ? "" : "; \(published) published")
  }

  static func lines(_ plan: VersionPlan) -> [String] {
    let changes = plan.changes.map { change in
      "\(change.place): " + (change.from.map { "\($0) -> \(change.to)" } ?? "made with \(change.to)")
    }
    return ["OK: VERSION=\(plan.version)"]
      + (changes.isEmpty ? ["Nothing to change: every place has it already."] : changes)
      + plan.pending.map(line)
  }

  /// - Parameter isOne: Whether one version was asked for; else each axis has its own.
  static func lines(_ check: VersionCheck, axes: [VersionAxis], isOne: Bool) -> [String] {
    let pending = check.pending.map(line)
    guard check.drift.isEmpty else {
      return check.drift.map { "DRIFT: \($0.place)=\($0.found), expected=\($0.expected)" } + pending
    }
    let told = axes.map { axis in
      check.expected[axis].map { "OK: VERSION=\($0)" + (isOne ? "" : " (\(axis.rawValue))") }
        ?? "\(axis.rawValue): no version stands anywhere; nexy version set writes the first."
    }
    return (isOne ? Array(told.prefix(1)) : told) + pending
  }

  /// Tells of a change that was cut short.
  /// - Returns: the version that it sets.
  static func unfinished(_ writer: VersionWriter) -> String? {
    do {
      guard let version = try writer.unfinished()?.version else { return nil }
      Terminal.error(
        "warning: a change to \(version) was cut short; the next nexy version set finishes it first.".printable)
      return version
    } catch {
      Terminal.error("warning: \((error as? NexyError)?.message ?? "\(error)")".printable)
      return nil
    }
  }

  static func tell(_ finished: VersionWriter.FinishedChange, isDryRun: Bool) {
    let words = isDryRun ? "would be finished first" : "is finished now"
    Terminal.error("A change to \(finished.version) that was cut short \(words).".printable)
    for path in finished.leftAlone {
      Terminal.error("warning: \(path) was changed by somebody in between and stayed as it was.".printable)
    }
  }

  private static func line(_ pending: PendingRelease) -> String {
    "PENDING: \(pending.place) has \(pending.has) until \(pending.until) is published"
  }
}
