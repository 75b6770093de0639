import NexyCore

/// Which commands a turn may send, and what each needs.
package struct CommandPolicy: Sendable {
  /// What commands belong to, beside opening and closing applications.
  package enum Feature: Hashable, Sendable { case messages, whatsApp, browser }

  /// Why a command is not sent.
  package enum Refusal: Error, Sendable, Equatable, CustomStringConvertible {
    case switchedOff
    case notAllowed(String)
    case missingArgument(command: String, argument: String)
    case argumentsNotObject(String)

    package var description: String {
      switch self {
      case .switchedOff: "commands are switched off"
      case .notAllowed(let name): "\(name) is not an allowed command"
      case .missingArgument(let command, let argument): "\(command) needs \(argument)"
      case .argumentsNotObject(let command): "the arguments of \(command) are not an object"
      }
    }
  }

  private struct Rule {
    var feature: Feature?
    var required: [String] = []
    var takesArguments = true
  }

  /// The commands that released clients know.
  private static let rules: [String: Rule] = [
    "open_app": Rule(required: ["app_name"]),
    "close_app": Rule(required: ["app_name"]),
    "send_message": Rule(feature: .messages),
    "read_messages": Rule(feature: .messages),
    "find_contact": Rule(feature: .messages),
    "send_whatsapp_message": Rule(feature: .whatsApp, required: ["contact", "message"]),
    "read_whatsapp_messages": Rule(feature: .whatsApp),
    "browser_use": Rule(feature: .browser, required: ["task"]),
    "close_browser": Rule(feature: .browser, takesArguments: false),
  ]

  private let forwards: Bool
  private let features: Set<Feature>

  /// - Parameters:
  ///   - forwards: Whether commands are sent at all.
  ///   - features: What is switched on beside opening and closing applications.
  package init(forwards: Bool = true, features: Set<Feature> = [.messages]) {
    self.forwards = forwards
    self.features = features
  }

  /// Checks a command and brings it into the form that is sent.
  func check(_ proposed: ProposedCommand, session: SessionID) -> Result<AssistantCommand, Refusal> {
    guard forwards else { return .failure(.switchedOff) }
    let name = Self.normalised(proposed.name)
    guard let rule = Self.rules[name], rule.feature.map(features.contains) ?? true else {
      return .failure(.notAllowed(name))
    }
    guard var arguments = proposed.arguments.object else { return .failure(.argumentsNotObject(name)) }
    if !rule.takesArguments { arguments = [:] }
    for (key, value) in arguments {
      if case .string(let text) = value { arguments[key] = .string(text.trimmed) }
    }
    if let application = arguments["app_name"]?.string, application.lowercased().hasSuffix(".app") {
      arguments["app_name"] = .string(String(application.dropLast(4)).trimmed)
    }
    for argument in rule.required where arguments[argument]?.string?.isEmpty ?? true {
      return .failure(.missingArgument(command: name, argument: argument))
    }
    return .success(AssistantCommand(name: name, arguments: arguments, session: session))
  }

  /// `Open-App`, ` open app ` and `open__app` are `open_app`.
  private static func normalised(_ name: String) -> String {
    let parts = name.trimmed.lowercased().split { "-._".contains($0) || $0.isWhitespace }
    return parts.joined(separator: "_")
  }
}
