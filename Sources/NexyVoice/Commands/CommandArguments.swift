import NexyCore

extension CommandSpecification {
  /// No command of a client takes more; the limit keeps what is sent bounded.
  static let mostArguments = 16
  /// Bytes of an argument's name.
  static let longestName = 64
  /// Lists and objects in each other.
  static let deepest = 4

  /// The arguments in the form that is sent.
  ///
  /// What the table does not name goes along within the limits: clients pick what they know by its name and leave the
  /// rest, and some know names that others do not.
  func normalised(_ proposed: JSONValue) throws(CommandPolicy.Refusal) -> [String: JSONValue] {
    guard let given = proposed == .null ? [:] : proposed.object else { throw .argumentsNotObject(name) }
    if arguments.isEmpty { return [:] }
    guard given.count <= Self.mostArguments else { throw .tooManyArguments(name) }
    var sent: [String: JSONValue] = [:]
    // In the order of names, so that of two faults the same one is always reported.
    for (key, value) in given.sorted(by: { $0.key < $1.key }) {
      guard key.utf8.count <= Self.longestName else { throw .argumentTooLong(command: name, argument: key) }
      if let argument = arguments.first(where: { $0.name == key }) {
        sent[key] = try normalised(value, as: argument)
      } else {
        sent[key] = try bounded(value, key: key)
      }
    }
    for argument in arguments where argument.need == .required && sent[argument.name] == nil {
      throw .missingArgument(command: name, argument: argument.name)
    }
    return sent
  }

  /// The text of an argument that the table names; nil where there is none.
  private func normalised(_ value: JSONValue, as argument: Argument) throws(CommandPolicy.Refusal) -> JSONValue? {
    let text: String?
    switch value {
    case .string(let string): text = argument.form.cleaned(string)
    case .array, .object: throw .argumentNotText(command: name, argument: argument.name)
    // No application is called true or 5; a message or a telephone number may well be a number.
    default: text = argument.form == .applicationName ? nil : argument.form.cleaned(value.written)
    }
    guard let text, !text.isEmpty else { return nil }
    guard text.utf8.count <= argument.form.limit else { throw .argumentTooLong(command: name, argument: argument.name) }
    return .string(text)
  }

  /// A value that the table does not name, as the model wrote it but for its control characters, as long as it is small.
  private func bounded(_ value: JSONValue, key: String, depth: Int = 0) throws(CommandPolicy.Refusal) -> JSONValue {
    guard depth <= Self.deepest else { throw .argumentTooLong(command: name, argument: key) }
    switch value {
    case .string(let text):
      let text = Argument.Form.text.cleaned(text)
      guard text.utf8.count <= Argument.Form.text.limit else { throw .argumentTooLong(command: name, argument: key) }
      return .string(text)
    case .array(let elements):
      guard elements.count <= Self.mostArguments else { throw .argumentTooLong(command: name, argument: key) }
      var list: [JSONValue] = []
      for element in elements { list.append(try bounded(element, key: key, depth: depth + 1)) }
      return .array(list)
    case .object(let members):
      guard members.count <= Self.mostArguments, members.keys.allSatisfy({ $0.utf8.count <= Self.longestName }) else {
        throw .argumentTooLong(command: name, argument: key)
      }
      var object: [String: JSONValue] = [:]
      for (member, value) in members.sorted(by: { $0.key < $1.key }) {
        object[member] = try bounded(value, key: key, depth: depth + 1)
      }
      return .object(object)
    case .null, .bool, .integer, .number: return value
    }
  }
}

extension CommandSpecification.Argument.Form {
  /// Bytes at most: the name of a file on a Mac has 255 (`NAME_MAX`), a spoken message far fewer than 8 KiB.
  var limit: Int { self == .applicationName ? 255 : 8192 }

  /// Without control characters and white space around it, in this form; empty when nothing is left.
  func cleaned(_ text: String) -> String {
    switch self {
    case .text: return Self.printable(text, keepingLines: true)
    case .applicationName:
      var name = Self.printable(text, keepingLines: false)
      // What is far too long is refused in any case.
      while name.utf8.count <= 2 * limit, name.lowercased().hasSuffix(".app") {
        name = String(name.dropLast(4)).trimmed
      }
      return name
    case .count:
      // The client reads it with Python's int(), which takes no words.
      guard let count = Int(Self.printable(text, keepingLines: false)), (1...100).contains(count) else { return "" }
      return "\(count)"
    }
  }

  private static func printable(_ text: String, keepingLines: Bool) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n", "\t": scalars.append(keepingLines ? scalar : " ")
      default: if scalar.properties.generalCategory != .control { scalars.append(scalar) }
      }
    }
    return String(scalars).trimmed
  }
}

extension JSONValue {
  /// A number or a truth value as text.
  fileprivate var written: String {
    switch self {
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): Int64(exactly: value).map { "\($0)" } ?? "\(value)"
    case .null, .string, .array, .object: ""
    }
  }
}
