import NexyCore

/// Why the assistant works without a language model.
package enum LanguageModelAbsence: Sendable, Equatable {
  /// No key is set; the setting that the operator must give.
  case keyMissing(setting: String)
  /// A model is configured, and none answers.
  case notAnswering
}

/// What the assistant says: one element a sentence.
struct Phrases: Sendable {
  let language: Language

  func answer(to exchange: SmallTalk) -> [String] {
    switch exchange {
    case .capabilities:
      say(
        ["I can \(abilitiesInEnglish).", "For example, say: open Safari, or: what is 15 percent of 200."],
        ["Я умею \(abilitiesInRussian).", "Например, скажите: открой Safari, или: сколько будет 15 процентов от 200."])
    case .greeting: say(["Hello!", "How can I help?"], ["Здравствуйте!", "Чем могу помочь?"])
    case .attention: say(["How can I help?"], ["Чем могу помочь?"])
    case .thanks: say(["You're welcome."], ["Пожалуйста."])
    case .wellBeing:
      say(["I'm working well, thank you.", "How can I help?"], ["Спасибо, всё работает.", "Чем могу помочь?"])
    case .identity:
      say(
        ["I'm Nexy, a voice assistant for your Mac.", "Right now I work without a language model."],
        ["Я Нэкси, голосовой помощник для вашего Mac.", "Сейчас я работаю без языковой модели."])
    case .never: say(["All right."], ["Хорошо."])
    case .farewell: say(["Goodbye!"], ["До свидания!"])
    }
  }

  func answer(to command: ApplicationCommand) -> [String] {
    guard let name = command.application else {
      return switch command.action {
      case .open: say(["Which application should I open?"], ["Какое приложение открыть?"])
      case .close: say(["Which application should I close?"], ["Какое приложение закрыть?"])
      }
    }
    // A Russian voice says a Russian word better than the name that macOS has for it.
    let russianName = command.russianName ?? name
    let done =
      switch command.action {
      case .open: say(["Opening \(name)."], ["Открываю \(russianName)."])
      case .close: say(["Closing \(name)."], ["Закрываю \(russianName)."])
      }
    return command.asksForMore ? done + oneAtATime : done
  }

  /// What is said where more was asked for than is done.
  var oneAtATime: [String] {
    say(
      ["I do one thing at a time, so ask me for the rest separately."],
      ["Я выполняю по одной просьбе, об остальном попросите отдельно."])
  }

  func sorry(about failure: CalculationFailure) -> [String] {
    switch failure {
    case .divisionByZero: say(["I can't divide by zero."], ["На ноль делить нельзя."])
    case .noRealRoot:
      say(
        ["That is the root of a negative number, and there is no real one."],
        ["Это корень из отрицательного числа, действительного значения у него нет."])
    case .tooLarge: say(["That number is too large for me."], ["Это число слишком большое для меня."])
    case .tooDeep:
      say(["That calculation is too complicated for me."], ["Это вычисление слишком сложное для меня."])
    }
  }

  /// The honest answer to what rules cannot answer.
  func cannotAnswer(_ absence: LanguageModelAbsence) -> [String] {
    say(["I can't answer that without a language model."], ["Без языковой модели я не могу на это ответить."])
      + remedy(for: absence) + stillAble
  }

  func cannotSeeScreen(_ absence: LanguageModelAbsence) -> [String] {
    say(["I can't see the screen without a language model."], ["Без языковой модели я не вижу, что на экране."])
      + remedy(for: absence) + stillAble
  }

  func cannotOpenPages(_ absence: LanguageModelAbsence) -> [String] {
    say(
      ["Without a language model I can open applications, but not web pages."],
      ["Без языковой модели я могу открывать приложения, но не страницы в интернете."])
      + remedy(for: absence)
  }

  private func remedy(for absence: LanguageModelAbsence) -> [String] {
    switch absence {
    case .keyMissing(let setting):
      say(["Ask your operator to set \(setting)."], ["Попросите оператора задать ключ \(setting)."])
    case .notAnswering:
      say(
        ["It does not answer right now; try again in a minute."],
        ["Сейчас она не отвечает, попробуйте через минуту."])
    }
  }

  private var stillAble: [String] {
    say(["I can still \(abilitiesInEnglish)."], ["Зато я умею \(abilitiesInRussian)."])
  }

  private var abilitiesInEnglish: String { "open and close applications, tell the time and date, and do arithmetic" }
  private var abilitiesInRussian: String { "открывать и закрывать приложения, называть время и дату и считать" }

  private func say(_ english: [String], _ russian: [String]) -> [String] {
    switch language {
    case .english: english
    case .russian: russian
    }
  }
}
