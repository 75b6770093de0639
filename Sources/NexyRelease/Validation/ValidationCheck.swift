/// One thing that was looked at before a release goes on, and what was seen.
package struct ValidationCheck: Sendable, Equatable, Codable {
  package let name: String
  package let expected: String
  package let observed: String
  package let passed: Bool
  /// How long looking took.
  package let milliseconds: Int64
  /// What to do; nil when it passed.
  package let remedy: String?

  package init(
    name: String, expected: String, observed: String, passed: Bool, milliseconds: Int64 = 0, remedy: String? = nil
  ) {
    self.name = name
    self.expected = expected
    self.observed = observed
    self.passed = passed
    self.milliseconds = milliseconds
    self.remedy = remedy
  }
}

/// What somebody saw, and what to do about it.
struct Observation {
  let text: String
  /// nil when all is as it should be.
  let remedy: String?

  static func good(_ text: String) -> Self { Self(text: text, remedy: nil) }
  static func bad(_ text: String, _ remedy: String) -> Self { Self(text: text, remedy: remedy) }
}
