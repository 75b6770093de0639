import NexyCore

/// What is said when a model sends a command without a word: who cannot see the screen must hear what happens.
enum CommandPhrases {
  /// What is said of each command of the table; `{app_name}` stands for that argument.
  static let all: [String: [Language: String]] = [
    "open_app": [.english: "Opening {app_name}.", .russian: "Открываю {app_name}."],
    "close_app": [.english: "Closing {app_name}.", .russian: "Закрываю {app_name}."],
    "send_message": [.english: "Sending your message.", .russian: "Отправляю сообщение."],
    "read_messages": [.english: "Looking at your messages.", .russian: "Смотрю ваши сообщения."],
    "find_contact": [.english: "Looking in your contacts.", .russian: "Ищу в ваших контактах."],
    "send_whatsapp_message": [
      .english: "Sending your WhatsApp message.", .russian: "Отправляю сообщение в WhatsApp.",
    ],
    "read_whatsapp_messages": [
      .english: "Looking at your WhatsApp messages.", .russian: "Смотрю ваши сообщения в WhatsApp.",
    ],
    "browser_use": [.english: "I'm on it, in the browser.", .russian: "Хорошо, делаю это в браузере."],
    "close_browser": [.english: "Closing the browser.", .russian: "Закрываю браузер."],
  ]

  private static let refusal: [Language: String] = [
    .english: "I can't do that.", .russian: "Этого я сделать не могу.",
  ]

  /// - Parameter command: nil when what the model wanted is not sent.
  static func phrase(for command: AssistantCommand?, in language: Language) -> String {
    let phrase = command.flatMap { all[$0.name]?[language] } ?? refusal[language] ?? ""
    return phrase.replacing("{app_name}", with: command?.arguments["app_name"]?.string ?? "")
  }
}
