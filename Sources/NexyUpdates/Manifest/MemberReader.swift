import NexyCore

/// Reads the members of one object by their kinds, and collects what is wrong with them.
struct MemberReader {
  let members: [String: JSONValue]
  /// What stands before a member's name in a finding's place, such as `artifact.`.
  var prefix = ""
  private(set) var findings: [Finding] = []

  init(members: [String: JSONValue], prefix: String = "") {
    self.members = members
    self.prefix = prefix
  }

  // MARK: - Findings

  /// Notes that the manifest is refused.
  mutating func note(
    _ rule: String, _ message: String, at key: String, remedy: String = "Correct it and write the manifest again."
  ) {
    findings.append(Finding(.rejected, rule, at: prefix + key, message, remedy: remedy))
  }

  /// Notes that the manifest is refused.
  /// - Returns: nil, for whoever reads an optional.
  mutating func reject<Value>(
    _ rule: String, _ message: String, at key: String, remedy: String = "Correct it and write the manifest again."
  ) -> Value? {
    note(rule, message, at: key, remedy: remedy)
    return nil
  }

  mutating func advise(_ effect: Finding.Effect, _ rule: String, _ message: String, at key: String, remedy: String) {
    findings.append(Finding(effect, rule, at: prefix + key, message, remedy: remedy))
  }

  mutating func add(_ others: [Finding]) { findings += others }

  // MARK: - Kinds

  /// A text that must be there.
  mutating func text(_ key: String) -> String? {
    guard let value = members[key] else { return reject("\(name(key))-missing", "It is missing.", at: key) }
    guard let text = value.string else { return wrongKind(key, value, "string", "a text in quotation marks") }
    guard text.utf8.count <= ManifestRules.longestText else { return tooLong(key, ManifestRules.longestText) }
    return text
  }

  /// A text that may be missing, null or empty: all three are none.
  mutating func text(optional key: String, atMost longest: Int) -> String? {
    guard let value = members[key], value != .null else { return nil }
    guard let text = value.string else { return wrongKind(key, value, "string", "a text in quotation marks") }
    guard text.utf8.count <= longest else { return tooLong(key, longest) }
    return text.isEmpty ? nil : text
  }

  mutating func requiredVersion(_ key: String) -> ReleaseVersion? {
    if let value = members[key], value.isNumber {
      return reject(
        "\(name(key))-string",
        "\(value.shown) is a number. Numbers lose their last zeros and dots, and what a client then compares is another "
          + "version than its own: it updates for ever.",
        at: key, remedy: "Put it in quotation marks.")
    }
    return text(key).flatMap { version($0, key) }
  }

  mutating func version(optional key: String) -> ReleaseVersion? {
    text(optional: key, atMost: ManifestRules.longestText).flatMap { version($0, key) }
  }

  private mutating func version(_ text: String, _ key: String) -> ReleaseVersion? {
    ReleaseVersion(text)
      ?? reject(
        "\(name(key))-parts", "\(quoted(text)) is not one to four numbers with dots between them.", at: key,
        remedy: "Write it as 2.0.0.15.")
  }

  /// false when it is missing.
  mutating func flag(_ key: String) -> Bool {
    guard let value = members[key] else { return false }
    guard case .bool(let flag) = value else { return wrongKind(key, value, "boolean", "true or false") ?? false }
    return flag
  }

  mutating func integer(_ key: String) -> Int64? {
    guard members[key] != nil else { return reject("\(name(key))-missing", "It is missing.", at: key) }
    return integer(optional: key, nullIsNone: false)
  }

  mutating func integer(optional key: String, nullIsNone: Bool = true) -> Int64? {
    guard let value = members[key], !(nullIsNone && value == .null) else { return nil }
    guard case .integer(let number) = value else { return wrongKind(key, value, "integer", "a whole number") }
    return number
  }

  // MARK: - Words

  /// A rule's name of a member: `min_os` is `min-os`.
  func name(_ key: String) -> String { key.replacing("_", with: "-") }

  func quoted(_ text: String) -> String { "\"\(printable(text))\"" }

  /// A text as a finding shows it: short, and without what moves a terminal's cursor.
  func printable(_ text: String) -> String {
    let shown = text.unicodeScalars.prefix(80).map { $0.properties.generalCategory == .control ? "?" : String($0) }
    return shown.joined() + (text.unicodeScalars.count > 80 ? "…" : "")
  }

  private mutating func wrongKind<Value>(
    _ key: String, _ value: JSONValue, _ rule: String, _ wanted: String
  ) -> Value? {
    reject("\(name(key))-\(rule)", "It is \(value.shown), and must be \(wanted).", at: key)
  }

  private mutating func tooLong<Value>(_ key: String, _ longest: Int) -> Value? {
    reject("\(name(key))-length", "It has more than \(longest) bytes.", at: key, remedy: "Shorten it.")
  }
}

extension JSONValue {
  fileprivate var isNumber: Bool {
    switch self {
    case .integer, .number: true
    default: false
    }
  }

  /// What a finding says of a value of the wrong kind.
  fileprivate var shown: String {
    switch self {
    case .null: "null"
    case .bool(let flag): "\(flag)"
    case .integer(let number): "\(number)"
    case .number(let number): "\(number)"
    case .string: "a text"
    case .array: "a list"
    case .object: "an object"
    }
  }
}

extension UInt8 {
  var isDigit: Bool { (0x30...0x39).contains(self) }
  var isLetterOrDigit: Bool { isDigit || (0x61...0x7A).contains(self | 0x20) }
  var isHexadecimalDigit: Bool { isDigit || (0x61...0x66).contains(self | 0x20) }
}
