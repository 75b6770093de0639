import Foundation
import NexyCore

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// One setting after all sources were asked.
package struct ResolvedSetting: Sendable {
  /// The dotted key of flags and YAML.
  package let key: String
  /// The environment's name for it.
  package let environmentName: String
  /// The value in force; secrets are masked.
  package let value: String
  /// "default", "environment (NAME)", "flag --name" or a file.
  package let source: String
  /// Tells one value from another where they are masked; means nothing beyond this process.
  let fingerprint: Int
}

/// Reads settings one by one, keeps what each resolved to, and collects what is wrong with all of them.
struct SettingsReader {
  private let sources: SettingsSources
  private(set) var resolved: [ResolvedSetting] = []
  private(set) var problems: [String] = []
  /// Values that nobody may see.
  private(set) var secrets: [String] = []
  /// What is odd, but does not keep the server from starting.
  private(set) var warnings: [String] = []
  /// Keys that hold what a template has in a key's place, by their environment names.
  private(set) var placeholders: [String] = []

  init(_ sources: SettingsSources) { self.sources = sources }

  /// Whether any setting has this dotted key.
  static func isKnown(_ key: String) -> Bool { knownKeys.contains(key) }

  /// Whether settings stand below this name.
  static func isSection(_ name: String) -> Bool { knownKeys.contains { $0.hasPrefix(name + ".") } }

  private static let knownKeys: Set<String> = {
    var reader = SettingsReader(SettingsSources(sources: [], unknownKeys: []))
    _ = Settings(reading: &reader)
    return Set(reader.resolved.map(\.key) + FeatureFlag.all.map(\.key))
  }()

  mutating func text(
    _ key: String, _ name: String, aliases: [String] = [], default standard: String
  ) -> String {
    read(key, [name] + aliases, standard: standard, shown: standard, allowed: "any text") { $0 }
  }

  mutating func optionalText(_ key: String, _ name: String, default standard: String? = nil) -> String? {
    read(key, [name], standard: standard, shown: standard ?? "", allowed: "any text") { .some($0) }
  }

  mutating func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, _ name: String, default standard: Choice
  ) -> Choice where Choice.RawValue == String {
    let allowed = Choice.allCases.map(\.rawValue).joined(separator: ", ")
    return read(key, [name], standard: standard, shown: standard.rawValue, allowed: allowed) { text in
      Choice.allCases.first { $0.rawValue.lowercased() == text.lowercased() }
    }
  }

  /// A list with commas between its words; `none` is the empty one.
  mutating func choices<Choice: RawRepresentable & CaseIterable>(
    _ key: String, _ name: String, aliases: [String] = [], default standard: [Choice]
  ) -> [Choice] where Choice.RawValue == String {
    let allowed = "none, or of " + Choice.allCases.map(\.rawValue).joined(separator: ", ")
    let shown = standard.map(\.rawValue).joined(separator: ",")
    return read(key, [name] + aliases, standard: standard, shown: shown, allowed: allowed) { text in
      if text.lowercased() == "none" { return [] }
      let words = text.lowercased().split(separator: ",").map(\.trimmed)
      let choices = words.compactMap { word in Choice.allCases.first { $0.rawValue.lowercased() == word } }
      return choices.count == words.count && Set(words).count == words.count ? choices : nil
    }
  }

  /// The key of a provider. What a template has in its place counts as none, and is told.
  mutating func key(_ key: String, _ name: String) -> String? {
    guard let value = optionalText(key, name) else { return nil }
    guard !PlaceholderKey.isPlaceholder(value) else {
      placeholders.append(name)
      warnings.append("\(name) holds a placeholder and counts as not set: put the real key there.")
      return nil
    }
    return value
  }

  /// An address with http or https and without a slash at its end.
  mutating func url(_ key: String, _ name: String, default standard: String) -> String {
    read(key, [name], standard: standard, shown: standard, allowed: Self.addressRule, parse: Self.address)
  }

  mutating func optionalURL(_ key: String, _ name: String) -> String? {
    read(key, [name], standard: nil, shown: "", allowed: Self.addressRule) { Self.address($0).map(Optional.some) }
  }

  /// Names of hosts with commas between them, each with or without a port, in lower case; `none` is the empty list.
  mutating func hosts(_ key: String, _ name: String, default standard: String) -> [String] {
    let allowed = "none, or hosts such as github.com,localhost:8443"
    return read(key, [name], standard: Self.hosts(standard) ?? [], shown: standard, allowed: allowed, parse: Self.hosts)
  }

  private static func hosts(_ text: String) -> [String]? {
    if text.lowercased() == "none" { return [] }
    let hosts = text.lowercased().split(separator: ",", omittingEmptySubsequences: false).map(\.trimmed)
    let isGood = hosts.allSatisfy { host in
      let parts = URLComponents(string: "https://\(host)")
      return !host.isEmpty && parts?.percentEncodedHost == host.split(separator: ":").first.map(String.init)
        && parts?.user == nil && parts?.path == "" && parts?.query == nil && parts?.fragment == nil
    }
    return isGood ? hosts : nil
  }

  /// An Ed25519 key that checks signatures: base64 of 32 bytes. It is no secret.
  mutating func publicKey(_ key: String, _ name: String) -> String? {
    read(key, [name], standard: nil, shown: "", allowed: "base64 of 32 bytes, as nexy updates keygen prints it") {
      text in
      Data(base64Encoded: text)?.count == 32 ? .some(text) : nil
    }
  }

  private static let addressRule = "an address such as https://host/path, without user, query or fragment"

  private static func address(_ text: String) -> String? {
    guard let parts = URLComponents(string: text), ["http", "https"].contains(parts.scheme?.lowercased()),
      parts.host?.isEmpty == false, parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil
    else { return nil }
    return text.last == "/" ? String(text.dropLast()) : text
  }

  mutating func milliseconds(_ key: String, _ name: String, default standard: Int) -> Duration {
    .milliseconds(integer(key, name, default: standard, in: 10...600_000))
  }

  mutating func number(
    _ key: String, _ name: String, aliases: [String] = [], default standard: Double, in range: ClosedRange<Double>
  ) -> Double {
    let allowed = "a number from \(range.lowerBound) to \(range.upperBound)"
    return read(key, [name] + aliases, standard: standard, shown: "\(standard)", allowed: allowed) { text in
      Double(text).flatMap { range.contains($0) ? $0 : nil }
    }
  }

  mutating func integer(
    _ key: String, _ name: String, aliases: [String] = [], default standard: Int, in range: ClosedRange<Int>,
    multipleOf step: Int = 1
  ) -> Int {
    let step = (step, step == 1 ? "" : ", a multiple of \(step)")
    let allowed =
      range.lowerBound == range.upperBound
      ? "\(range.lowerBound)" : "a whole number from \(range.lowerBound) to \(range.upperBound)\(step.1)"
    return read(key, [name] + aliases, standard: standard, shown: "\(standard)", allowed: allowed) { text in
      Int(text).flatMap { range.contains($0) && $0 % step.0 == 0 ? $0 : nil }
    }
  }

  /// The address to listen on.
  ///
  /// `auto` is loopback where users are (a proxy stands in front), and every address on a developer's own network.
  mutating func host(_ key: String, _ name: String, in environment: Settings.Environment) -> String {
    let standard = environment == .dev ? "0.0.0.0" : "127.0.0.1"
    let allowed = "auto, localhost, or an IPv4 or IPv6 address"
    return read(key, [name], standard: standard, shown: "auto", allowed: allowed) { text in
      switch text.lowercased() {
      case "auto": standard
      case "localhost": "127.0.0.1"
      default: Self.isAddress(text) ? text : nil
      }
    }
  }

  private static func isAddress(_ text: String) -> Bool {
    var four = in_addr()
    var six = in6_addr()
    return inet_pton(AF_INET, text, &four) == 1 || inet_pton(AF_INET6, text, &six) == 1
  }

  /// Only `true` and `false`, in any case, and 1, 0, yes, no, on, off: a typing error is no silent `false`.
  mutating func flag(
    _ key: String, _ name: String, aliases: [String] = [], default standard: Bool
  ) -> Bool {
    read(
      key, [name] + aliases, standard: standard, shown: "\(standard)", allowed: "true or false",
      parse: Bool.init(setting:))
  }

  /// Notes what is wrong beyond a single value.
  mutating func refuse(_ problem: String) { problems.append(problem) }

  /// Leaves out of the listing what nobody set and nobody should set.
  mutating func hideDefault(_ key: String) { resolved.removeAll { $0.key == key && $0.source == "default" } }

  /// Whether no source set a setting that was read.
  func isDefault(_ key: String) -> Bool { resolved.last { $0.key == key }?.source == "default" }

  private mutating func read<Value>(
    _ key: String, _ names: [String], standard: Value, shown: String, allowed: String, parse: (String) -> Value?
  ) -> Value {
    // A key's file is no key.
    let secret = (Redaction.isSecret(name: key) || Redaction.isSecret(name: names[0])) && !key.hasSuffix("_file")
    guard let (raw, source) = sources.lookUp(key, environmentNames: names) else {
      resolved.append(
        ResolvedSetting(
          key: key, environmentName: names[0], value: shown, source: "default", fingerprint: shown.hashValue))
      return standard
    }
    let text = raw.trimmed
    let visible = secret ? Redaction.mask : text
    if secret { secrets.append(text) }
    resolved.append(
      ResolvedSetting(key: key, environmentName: names[0], value: visible, source: source, fingerprint: text.hashValue))
    if let value = parse(text) { return value }
    problems.append("\(key) (\(names[0])) from \(source): read \"\(visible)\", allowed is \(allowed).")
    return standard
  }
}

extension Bool {
  /// What a setting's text says of something that is on or off; nil for a text that says neither.
  package init?(setting text: String) {
    switch text.lowercased() {
    case "true", "1", "yes", "on": self = true
    case "false", "0", "no", "off": self = false
    default: return nil
    }
  }
}
