import NexyCore
import NexyUpdates

/// What `nexy version set` will write, worked out whole before a byte of it is.
package struct VersionPlan: Sendable {
  /// A place that gets the version.
  package struct Change: Sendable, Equatable, Encodable {
    package let place: String
    /// What stood there; nil for a file that is made.
    package let from: String?
    package let to: String
  }

  package let version: ReleaseVersion
  package let changes: [Change]
  /// Manifests that go on having an older release.
  package let pending: [PendingRelease]
  /// Why the step was refused, had nobody overridden it.
  package let overridden: [Finding]
  let files: [FileChange]

  /// - Parameter isOverridden: Whether a lower version or a jump is right this time.
  /// - Throws: `NexyError` with code `versionNotSettable` that names every place that the version cannot be put in, or
  ///   `versionStepRefused`.
  package init(
    of version: ReleaseVersion, axes: [VersionAxis], in survey: VersionSurvey, isOverridden: Bool = false
  ) throws {
    let refusals = axes.flatMap { VersionStep.refusals(of: version, axis: $0, in: survey) }
    guard refusals.isEmpty || isOverridden else { throw VersionStep.refused(refusals) }
    let entries = survey.entries.filter { axes.contains($0.place.axis) && $0.place.isSettable }
    var problems: [String] = []
    var changes: [Change] = []
    var edits: [String: [FileChange.Edit]] = [:]
    for entry in entries {
      let place = entry.place
      switch entry.standing {
      case .absent where place.kind == .file:
        edits[place.path] = [FileChange.Edit(offset: 0, length: 0, text: "\(version)\n")]
        changes.append(Change(place: place.path, from: nil, to: version.text))
      case .absent, .manifest, .copy: break
      case .unreadable(let reason): problems.append("\(place.path): \(reason).")
      case .unmarked:
        problems.append("\(place.path): \"\(place.detail)\" is gone; put it back, or take the row out of the table.")
      case .versions(let occurrences):
        for occurrence in occurrences where occurrence.text != version.text {
          let text = place.kind == .file ? "\(version)\n" : version.text
          edits[place.path, default: []].append(FileChange.Edit(occurrence.range, text))
          changes.append(
            Change(place: place.label(occurrence), from: VersionPlace.shown(occurrence.text), to: version.text))
        }
      }
    }
    problems += Self.shared(entries, in: survey)
    files = edits.sorted { $0.key < $1.key }.map { path, edits in
      FileChange(path: path, old: survey.files[path]?.bytes, edits: edits)
    }
    problems += files.filter { !$0.isApart }.map { "\($0.path): two rows of the table stand for the same words." }
    guard problems.isEmpty else {
      throw NexyError(
        .versionNotSettable, (["Nothing was written: not every place can be set."] + problems).joined(separator: "\n  ")
      )
    }
    self.version = version
    self.changes = changes
    self.overridden = refusals
    pending = VersionCheck(of: survey, axes: axes, expecting: version).pending
  }

  /// Paths that are one file: what is written to the one would be lost with the other.
  private static func shared(_ entries: [VersionSurvey.Entry], in survey: VersionSurvey) -> [String] {
    let stamped = Set(entries.map(\.place.path)).compactMap { path in
      survey.files[path]?.stamp.map { (path: path, stamp: $0) }
    }
    return Dictionary(grouping: stamped, by: \.stamp).values.filter { $0.count > 1 }
      .map { "\($0.map(\.path).sorted().joined(separator: " and ")) are one file; keep one of them in the table." }
      .sorted()
  }
}

extension NexyError.Code {
  /// A place cannot have the version; none was changed.
  package static let versionNotSettable = Self("version_not_settable")
  /// A version is lower than what stands, or too far from it.
  package static let versionStepRefused = Self("version_step_refused")
}
