import NexyCore

extension NexyError.Code {
  /// A manifest breaks its format's rules.
  package static let manifestRefused = Self("manifest_refused")
  /// A manifest must not follow the one that stands: a rollback, a jump, or other bytes for the same build.
  package static let releaseStepRefused = Self("release_step_refused")
  /// The manifest that stands cannot be read, so nobody knows what may follow it.
  package static let manifestUnreadable = Self("manifest_unreadable")
  /// An override has no reason.
  package static let overrideRefused = Self("override_refused")
}

extension ManifestWriter {
  /// Bytes of a reason; it is a sentence.
  private static let longestReason = 500

  static func refused(_ findings: [Finding]) -> NexyError {
    NexyError(.manifestRefused, "The manifest was not written.\n\(lines(findings.filter { $0.effect == .rejected }))")
  }

  static func refused(_ damage: [Finding], _ refusals: [Finding]) -> NexyError {
    if !damage.isEmpty {
      return NexyError(
        .manifestUnreadable,
        """
        The manifest that stands breaks its rules, so nobody knows what may follow it, and nothing was written. \
        Restore it from its manifest_<version>.json, or replace it with an override and its reason.
        \(lines(damage))
        """)
    }
    return NexyError(
      .releaseStepRefused,
      "The manifest was not written. If it is right all the same, give an override and its reason.\n\(lines(refusals))")
  }

  /// A reason that says something.
  static func checked(_ reason: String) throws -> String {
    let reason = reason.trimmed
    guard !reason.isEmpty, reason.utf8.count <= longestReason else {
      throw NexyError(
        .overrideRefused, "An override needs a reason of 1 to \(longestReason) bytes. Say why it is right this time.")
    }
    return reason
  }

  private static func lines(_ findings: [Finding]) -> String { findings.map(\.description).joined(separator: "\n") }
}
