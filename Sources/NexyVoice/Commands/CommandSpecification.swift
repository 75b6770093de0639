/// A command that released clients know: what a language model is told of it, and what it must bring.
package struct CommandSpecification: Sendable, Equatable {
  /// One argument; a language model is told that it is text.
  package struct Argument: Sendable, Equatable {
    /// What the text is, and so how it is brought into the form that is sent.
    package enum Form: Sendable {
      case text
      /// The name of an application, without the `.app` of its bundle.
      case applicationName
      /// A small whole number in digits.
      case count
    }

    /// What happens without it.
    package enum Need: Sendable {
      case optional
      /// A language model is told to bring it; the client itself says that it is missing.
      case expected
      /// The command is not sent.
      case required
    }

    package let name: String
    /// For the language model, in English.
    package let meaning: String
    package let form: Form
    package let need: Need

    init(_ name: String, _ meaning: String, form: Form = .text, need: Need) {
      self.name = name
      self.meaning = meaning
      self.form = form
      self.need = need
    }

    /// Whether a language model is told that it must bring it.
    package var isRequired: Bool { need != .optional }
  }

  /// In its normal form, such as `open_app`.
  package let name: String
  /// What it does and when to use it, for the language model, in English.
  package let meaning: String
  /// What it takes; a command without any is sent with none, whatever the model brought.
  package let arguments: [Argument]
  /// What it belongs to; nil for what is always there.
  package let feature: CommandPolicy.Feature?
}
