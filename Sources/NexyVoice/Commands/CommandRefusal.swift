extension CommandPolicy {
  /// Why a command is not sent.
  package enum Refusal: Error, Sendable, Equatable {
    case switchedOff
    case notAllowed(String)
    case missingArgument(command: String, argument: String)
    case argumentsNotObject(String)
    /// A list or an object where text belongs, or an object where only a list may stand.
    case argumentNotText(command: String, argument: String)
    case argumentTooLong(command: String, argument: String)
    case tooManyArguments(String)
  }
}

extension CommandPolicy.Refusal: CustomStringConvertible {
  /// For the log: of what the model made up, no more is shown than the beginning of a plain name.
  package var description: String {
    switch self {
    case .switchedOff: "commands are switched off"
    case .notAllowed(let name): "\(Self.plain(name)) is not an allowed command"
    case .missingArgument(let command, let argument): "\(command) needs \(argument)"
    case .argumentsNotObject(let command): "the arguments of \(command) are not an object"
    case .argumentNotText(let command, let argument): "\(Self.plain(argument)) of \(command) is not text"
    case .argumentTooLong(let command, let argument): "\(Self.plain(argument)) of \(command) is too long"
    case .tooManyArguments(let command): "\(command) has too many arguments"
    }
  }

  /// A model's own name for something may hold the user's words, which are not for the log.
  private static func plain(_ name: String) -> String {
    let isPlain = name.utf8.count <= 32 && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F }
    return isPlain && !name.isEmpty ? name : "something"
  }
}
