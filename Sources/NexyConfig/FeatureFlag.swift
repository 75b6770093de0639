import NexyCore

/// A switch that takes effect while the server runs: a feature, or a kill switch that is stronger than it.
package struct FeatureFlag: Sendable {
  package enum Kind: String, Sendable {
    case feature
    case killSwitch = "kill switch"
    /// The predecessor had it; here it changes nothing, and only its default is taken.
    case retired
  }

  /// The dotted key in YAML.
  package let key: String
  package let environmentName: String
  package let kind: Kind
  package let standard: Bool
  /// The room that asks for it.
  package let owner: String
  package let meaning: String
}

extension FeatureFlag {
  /// The registry: a flag that is not here does not exist, and one that is set is refused.
  package static let all =
    [
      forwardActions, messages, whatsApp, browser, screenshots, reflection, betaUpdates,
      disableActions, disableScreenshots, disableUsage,
    ] + retired

  package static let forwardActions = feature(
    "features.forward_assistant_actions", "FORWARD_ASSISTANT_ACTIONS", true, owner: "Voice",
    "commands, such as opening an application, are sent to the client")
  package static let messages = feature(
    "features.messages_enabled", "MESSAGES_ENABLED", true, owner: "Voice", "commands about messages are allowed")
  package static let whatsApp = feature(
    "whatsapp.enabled", "WHATSAPP_ENABLED", false, owner: "Voice", "commands about WhatsApp are allowed")
  package static let browser = feature(
    "browser_use.enabled", "BROWSER_USE_ENABLED", false, owner: "Voice", "commands about the browser are allowed")
  package static let screenshots = feature(
    "features.screenshots_enabled", "SCREENSHOTS_ENABLED", true, owner: "Voice",
    "screenshots reach the language model")
  package static let reflection = feature(
    "features.grpc_reflection", "GRPC_REFLECTION_ENABLED", true, owner: "Server",
    "gRPC server reflection answers which services there are")

  package static let betaUpdates = feature(
    "update.beta_enabled", "UPDATE_BETA_ENABLED", false, owner: "Updates",
    "the beta channel of updates is served; off, nothing of it can be seen")

  package static let disableActions = killSwitch(
    "kill_switches.disable_forward_assistant_actions", "NEXY_KS_DISABLE_FORWARD_ASSISTANT_ACTIONS", owner: "Voice",
    "stops every command at once; turns go on speaking")
  package static let disableScreenshots = killSwitch(
    "kill_switches.disable_screenshots", "NEXY_KS_DISABLE_SCREENSHOTS", owner: "Voice",
    "keeps every screenshot from the language model; turns go on without")
  package static let disableUsage = killSwitch(
    "kill_switches.disable_usage_ledger", "NEXY_KS_DISABLE_USAGE_LEDGER", owner: "Server",
    "writes no usage to the database; clients are told that nothing was recorded")

  private static let retired = [
    ("features.use_module_coordinator", "USE_MODULE_COORDINATOR", true),
    ("features.use_workflow_integrations", "USE_WORKFLOW_INTEGRATIONS", true),
    ("features.use_fallback_manager", "USE_FALLBACK_MANAGER", true),
    ("kill_switches.disable_module_coordinator", "NEXY_KS_DISABLE_MODULE_COORDINATOR", false),
    ("kill_switches.disable_workflow_integrations", "NEXY_KS_DISABLE_WORKFLOW_INTEGRATIONS", false),
  ].map { key, name, standard in
    FeatureFlag(
      key: key, environmentName: name, kind: .retired, standard: standard, owner: "nobody",
      meaning: "a part of the predecessor that is not here; remove it")
  }

  private static func feature(
    _ key: String, _ name: String, _ standard: Bool, owner: String, _ meaning: String
  ) -> FeatureFlag {
    FeatureFlag(
      key: key, environmentName: name, kind: .feature, standard: standard, owner: owner, meaning: meaning)
  }

  private static func killSwitch(_ key: String, _ name: String, owner: String, _ meaning: String) -> FeatureFlag {
    FeatureFlag(
      key: key, environmentName: name, kind: .killSwitch, standard: false, owner: owner, meaning: meaning)
  }
}

/// Every flag's value at one moment.
package struct FlagValues: Sendable, Equatable {
  private var values: [String: Bool] = [:]

  package subscript(flag: FeatureFlag) -> Bool { values[flag.key] ?? flag.standard }

  package var forwardsActions: Bool { self[.forwardActions] && !self[.disableActions] }
  package var takesScreenshots: Bool { self[.screenshots] && !self[.disableScreenshots] }
  package var recordsUsage: Bool { !self[.disableUsage] }

  /// The keys of the features that are on; where a kill switch stands above one, it counts.
  package var keysInForce: Set<String> {
    var keys = Set(FeatureFlag.all.filter { $0.kind == .feature && self[$0] }.map(\.key))
    if !takesScreenshots { keys.remove(FeatureFlag.screenshots.key) }
    if !forwardsActions { keys.remove(FeatureFlag.forwardActions.key) }
    return keys
  }

  /// Flags whose values are not those of `other`.
  package func changes(from other: FlagValues) -> [FeatureFlag] {
    FeatureFlag.all.filter { self[$0] != other[$0] }
  }

  init(reading reader: inout SettingsReader) {
    for flag in FeatureFlag.all {
      values[flag.key] = reader.flag(flag.key, flag.environmentName, default: flag.standard)
      guard flag.kind == .retired else { continue }
      if self[flag] != flag.standard { reader.refuse("\(flag.key) (\(flag.environmentName)) is \(flag.meaning).") }
      reader.hideDefault(flag.key)
    }
  }
}
