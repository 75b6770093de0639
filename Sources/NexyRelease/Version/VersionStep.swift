import NexyCore
import NexyUpdates

/// Which version may follow what stands: neither a lower one, nor one that is a slip of the hand away.
enum VersionStep {
  /// Why an axis must not get the version; empty when it may.
  static func refusals(of next: ReleaseVersion, axis: VersionAxis, in survey: VersionSurvey) -> [Finding] {
    let declared = survey.declared(axis)
    let published = survey.published(axis).map(\.version).max()
    let standing = declared.map { ReleaseVersion($0.text) } ?? published
    if let declared, standing == nil {
      return [
        refusal(
          "version-unreadable", axis,
          "\(declared.label) says \"\(VersionPlace.shown(declared.text))\", so nobody knows what may follow it.",
          "Correct it, or override it.")
      ]
    }
    var refusals: [Finding] = []
    if let highest = [standing, published].compactMap(\.self).max(), next < highest {
      refusals.append(
        refusal(
          "version-lower", axis, "\(next) is lower than \(highest), which stands.",
          "Set a higher one, or the other version alone with --axis."))
    }
    if ReleaseStep.isTooFar(from: standing, to: next) {
      let comparison = standing.map { "from \($0)" } ?? "for a first one"
      refusals.append(
        refusal(
          "version-jump", axis,
          "\(next) is too far \(comparison): the first number may rise by \(ReleaseStep.longestFirstStep), "
            + "others by \(ReleaseStep.longestStep).",
          "Check for a slip, or set the other version alone with --axis."))
    }
    return refusals
  }

  static func refused(_ refusals: [Finding]) -> NexyError {
    let lines = refusals.map { "\($0.place): \($0.message) \($0.remedy)" }
    return NexyError(
      .versionStepRefused,
      (["Nothing was written. If it is right all the same, give --override and a reason."] + lines)
        .joined(separator: "\n  "))
  }

  private static func refusal(_ rule: String, _ axis: VersionAxis, _ message: String, _ remedy: String) -> Finding {
    Finding(.rejected, rule, at: axis.rawValue, message, remedy: remedy)
  }
}
