import NexyCore
import NexyUpdates

/// A place that says something else than it should.
package struct VersionDrift: Sendable, Equatable, Encodable {
  package let axis: VersionAxis
  /// A path, with the line or the member where there is one.
  package let place: String
  package let found: String
  package let expected: String

  package init(axis: VersionAxis, place: String, found: String, expected: String) {
    self.axis = axis
    self.place = place
    self.found = found
    self.expected = expected
  }
}

/// A manifest that has an older release until the declared one is published.
package struct PendingRelease: Sendable, Equatable, Encodable {
  package let place: String
  package let has: String
  package let until: String
}

/// Whether all places of some axes agree.
package struct VersionCheck: Sendable {
  package private(set) var drift: [VersionDrift] = []
  package private(set) var pending: [PendingRelease] = []
  /// What each axis was compared with; nothing for an axis that says nothing.
  package private(set) var expected: [VersionAxis: String] = [:]

  private let survey: VersionSurvey
  private let isPublished: Bool

  /// - Parameters:
  ///   - version: What every place should have; nil compares each axis with its own source of truth.
  ///   - published: Whether the manifests should have it as well.
  package init(
    of survey: VersionSurvey, axes: [VersionAxis], expecting version: ReleaseVersion? = nil, published: Bool = false
  ) {
    self.survey = survey
    isPublished = published
    for axis in axes { check(axis, expecting: version) }
    // A machine may have one axis alone; one that has nothing of what was asked for does not have the version.
    if let version, axes.allSatisfy(survey.isEmpty) { noteMissing(axes, version) }
  }

  private mutating func check(_ axis: VersionAxis, expecting version: ReleaseVersion?) {
    let declared = survey.declared(axis)
    let expected = version?.text ?? declared?.text
    self.expected[axis] = expected.map(VersionPlace.shown)
    if version == nil, let declared, ReleaseVersion(fourParts: declared.text) == nil {
      note(axis, declared.label, VersionPlace.shown(declared.text), "X.Y.Z.W")
    }
    let own = survey.entries.filter { $0.place.axis == axis }
    let hasManifest = own.contains { if case .manifest = $0.standing { true } else { false } }
    for entry in own {
      let isMissed = isPublished && !hasManifest && entry.place.kind == .manifest
      check(entry, expecting: expected.map(VersionPlace.shown), isMissed: isMissed)
    }
  }

  private mutating func noteMissing(_ axes: [VersionAxis], _ version: ReleaseVersion) {
    for axis in axes {
      let source = survey.entries.first { $0.place.axis == axis && $0.place.isSettable }
      if let source { note(axis, source.place.path, "absent", version.text) }
    }
  }

  private mutating func check(_ entry: VersionSurvey.Entry, expecting expected: String?, isMissed: Bool) {
    let (place, axis) = (entry.place, entry.place.axis)
    switch entry.standing {
    case .absent:
      if isMissed { note(axis, place.path, "absent", expected ?? "a manifest") }
    case .unreadable(let reason):
      note(axis, place.path, "unreadable (\(reason))", expected ?? "a \(place.kind.name) that can be read")
    case .unmarked:
      note(axis, place.path, "no marker", expected ?? "a version in \"\(place.detail)\"")
    case .versions(let occurrences):
      for occurrence in occurrences where VersionPlace.shown(occurrence.text) != expected {
        note(axis, place.label(occurrence), VersionPlace.shown(occurrence.text), expected ?? "X.Y.Z.W")
      }
    case .manifest(let standing):
      check(standing, place, expecting: expected.flatMap { ReleaseVersion($0) })
    case .copy(let isSame):
      if !isSame { note(axis, place.path, "other bytes", "the bytes of \(place.detail)") }
    }
  }

  private mutating func check(
    _ standing: ManifestStanding, _ place: VersionPlace, expecting expected: ReleaseVersion?
  ) {
    let axis = place.axis
    guard let manifest = standing.manifest else {
      return note(axis, place.path, "unreadable (\(standing.problem ?? ""))", "a good manifest")
    }
    if manifest.version != manifest.build {
      note(axis, "\(place.path) build", manifest.build.text, manifest.version.text)
    }
    switch standing.pair {
    case .none: break
    case .absent(let path): note(axis, path, "absent", "the release of \(place.path)")
    case .unreadable(let path, let reason):
      note(axis, path, "unreadable (\(reason))", "the release of \(place.path)")
    case .present(let path, let differences):
      for difference in differences {
        note(axis, "\(path) \(difference.member)", difference.found, difference.expected)
      }
    }
    guard let expected, manifest.version != expected else { return }
    if isPublished || manifest.version > expected {
      note(axis, place.path, manifest.version.text, expected.text)
    } else {
      pending.append(PendingRelease(place: place.path, has: manifest.version.text, until: expected.text))
    }
  }

  private mutating func note(_ axis: VersionAxis, _ place: String, _ found: String, _ expected: String) {
    let drift = VersionDrift(axis: axis, place: place, found: found, expected: expected)
    if !self.drift.contains(drift) { self.drift.append(drift) }
  }
}
