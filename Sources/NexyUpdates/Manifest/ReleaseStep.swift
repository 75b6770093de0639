import NexyCore

/// Which manifest may follow which in a channel (The Update Framework's rollback and fast-forward attacks,
/// https://theupdateframework.io/docs/security/).
package enum ReleaseStep {
  /// The first part of a version rises by one at most: nobody skips a generation.
  package static let longestFirstStep = 1
  /// Every other part rises by this much at most. A release a day for two years stays below it, and a slip such as
  /// 999999999 does not; once clients have such a build, no later release reaches them.
  package static let longestStep = 1000

  /// Why the next manifest must not follow; empty when it may.
  ///
  /// - Parameter namesArtifact: Whether the publisher said which file the next one is of, rather than leaving the old one.
  package static func refusals(
    from standing: Manifest?, to next: Manifest, namesArtifact: Bool = true
  ) -> [Finding] {
    var refusals: [Finding] = []
    if let standing {
      if next.build < standing.build {
        refusals.append(
          refusal(
            "step-rollback", "build", "\(next.build) is lower than \(standing.build), which stands.",
            "Publish a higher build; clients never go back."))
      }
      if next.build == standing.build, !next.artifact.hasBytes(of: standing.artifact) {
        refusals.append(
          refusal(
            "step-same-build", "artifact", "Build \(next.build) stands with other bytes.",
            "Give the new artifact a higher build; clients that have this one would never get it."))
      }
      // A signature is of the bytes alone: it fits them under any version.
      if next.build != standing.build, next.artifact.hasBytes(of: standing.artifact),
        next.artifact.signature != nil || !namesArtifact
      {
        refusals.append(
          refusal(
            "step-same-bytes", "artifact", "The bytes of build \(standing.build) are called \(next.build).",
            "Give the new build's own file; clients would install the old one and be offered it again for ever."))
      }
      if next.version < standing.version, next.build >= standing.build {
        refusals.append(
          refusal(
            "step-version", "version", "\(next.version) is lower than \(standing.version), and its build is not.",
            "Let version and build rise together."))
      }
    }
    refusals += jump("version", from: standing?.version, to: next.version)
    refusals += jump("build", from: standing?.build, to: next.build)
    return refusals
  }

  /// Whether a part of a version rises by more than it may; a first version is compared with zeros.
  package static func isTooFar(from standing: ReleaseVersion?, to next: ReleaseVersion) -> Bool {
    let from = standing?.parts ?? [0, 0, 0, 0]
    return zip(from, next.parts).enumerated().contains { index, parts in
      let longest = index == 0 && standing != nil ? longestFirstStep : longestStep
      return parts.1 - parts.0 > longest
    }
  }

  private static func jump(_ place: String, from standing: ReleaseVersion?, to next: ReleaseVersion) -> [Finding] {
    guard isTooFar(from: standing, to: next) else { return [] }
    let comparison = standing.map { "from \($0)" } ?? "for a first release"
    return [
      refusal(
        "step-jump", place,
        "\(next) is too far \(comparison): the first part may rise by \(longestFirstStep), others by \(longestStep).",
        "Check for a slip: after such a build, no lower one ever reaches a client.")
    ]
  }

  private static func refusal(_ rule: String, _ place: String, _ message: String, _ remedy: String) -> Finding {
    Finding(.rejected, rule, at: place, message, remedy: remedy)
  }
}

extension Manifest.Artifact {
  fileprivate func hasBytes(of other: Self) -> Bool { sha256 == other.sha256 && size == other.size }
}
