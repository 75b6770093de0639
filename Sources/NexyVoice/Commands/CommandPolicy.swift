import NexyCore

/// Which commands a turn may send, and what each needs.
package struct CommandPolicy: Sendable {
  /// What commands belong to, beside opening and closing applications.
  package enum Feature: Hashable, Sendable, CaseIterable { case messages, whatsApp, browser }

  /// The commands that may be sent, in the order of the table; none when nothing is forwarded.
  package let allowed: [CommandSpecification]
  private let forwards: Bool

  /// - Parameters:
  ///   - forwards: Whether commands are sent at all.
  ///   - features: What is switched on beside opening and closing applications.
  package init(forwards: Bool = true, features: Set<Feature> = [.messages]) {
    self.forwards = forwards
    allowed = forwards ? CommandSpecification.all.filter { $0.feature.map(features.contains) ?? true } : []
  }

  /// Checks a command and brings it into the form that is sent; that form passes unchanged.
  func check(_ proposed: ProposedCommand, session: SessionID) -> Result<AssistantCommand, Refusal> {
    Result { () throws(Refusal) in
      guard forwards else { throw .switchedOff }
      let name = Self.normalised(proposed.name)
      guard let specification = allowed.first(where: { $0.name == name }) else { throw .notAllowed(name) }
      let arguments = try specification.normalised(proposed.arguments)
      return AssistantCommand(name: name, arguments: arguments, session: session)
    }
  }

  /// `Open-App`, ` open app ` and `open__app` are `open_app`.
  private static func normalised(_ name: String) -> String {
    let parts = name.trimmed.lowercased().split { "-._".contains($0) || $0.isWhitespace }
    return parts.joined(separator: "_")
  }
}
