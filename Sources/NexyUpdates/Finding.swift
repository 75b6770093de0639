/// What Sparkle or the released client would reject, ignore or misread in a feed or a manifest.
package struct Finding: Sendable, Equatable, Encodable {
  /// What comes of it.
  package enum Effect: String, Sendable, CaseIterable, Encodable {
    /// No client updates from it, or our server refuses to serve it.
    case rejected
    /// A client acts as if it were not there.
    case ignored
    /// A client takes it for something else.
    case misread
  }

  package let effect: Effect
  /// A stable name, such as `enclosure-length`.
  package let rule: String
  /// Where it stands, such as `item 2, enclosure` or `artifact.size`.
  package let place: String
  /// What was read and what is wrong with it.
  package let message: String
  /// What to do about it.
  package let remedy: String

  package init(_ effect: Effect, _ rule: String, at place: String, _ message: String, remedy: String) {
    self.effect = effect
    self.rule = rule
    self.place = place
    self.message = message
    self.remedy = remedy
  }
}

extension Finding: CustomStringConvertible {
  package var description: String { "\(effect.rawValue) [\(rule)] \(place): \(message) \(remedy)" }
}
