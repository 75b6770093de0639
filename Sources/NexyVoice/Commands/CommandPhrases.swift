import NexyCore

/// What is said when a model sends a command without a word: who cannot see the screen must hear what happens.
enum CommandPhrases {
  static func phrase(for command: AssistantCommand?, in language: Language) -> String {
    guard let command else {
      return language == .russian ? "Этого я сделать не могу." : "I can't do that."
    }
    let application = command.arguments["app_name"]?.string ?? ""
    switch (command.name, language) {
    case ("open_app", .english): return "Opening \(application)."
    case ("open_app", .russian): return "Открываю \(application)."
    case ("close_app", .english): return "Closing \(application)."
    case ("close_app", .russian): return "Закрываю \(application)."
    case (_, .english): return "All right, I'm on it."
    case (_, .russian): return "Хорошо, выполняю."
    }
  }
}
