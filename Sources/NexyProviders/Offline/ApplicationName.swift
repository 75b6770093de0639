import NexyCore

/// The names of applications: as people say them, and as macOS spells them.
enum ApplicationName {
  /// The spelling of an application that is known by what was said.
  static func known(_ words: ArraySlice<SpokenWord>) -> String? {
    alias(words).flatMap(spelling)
  }

  /// The words among those said that name a known application.
  private static func alias(_ words: ArraySlice<SpokenWord>) -> ArraySlice<SpokenWord>? {
    if spelling(words) != nil { return words }
    guard words.count > 1, let first = words.first, let last = words.last else { return nil }
    if descriptions.contains(last.key), spelling(words.dropLast()) != nil { return words.dropLast() }
    return descriptions.contains(first.key) && spelling(words.dropFirst()) != nil ? words.dropFirst() : nil
  }

  /// What a Russian voice says for a known application after "открываю": the words that were said, if all of them are
  /// Russian, in the accusative.
  static func russian(_ words: ArraySlice<SpokenWord>) -> String? {
    guard let alias = alias(words), let name = spelling(alias) else { return nil }
    let written = alias.lazy.map(\.text).filter { !$0.isEmpty }.joined(separator: " ")
    // A voice may spell what is all capitals.
    let said = written.count > 3 && written == written.uppercased() ? written.lowercased() : written
    guard said.unicodeScalars.allSatisfy({ !$0.properties.isAlphabetic || (0x0400...0x052F).contains($0.value) })
    else { return nil }
    let key = SpokenRequest.phrase(of: alias)
    // "Выйди из телеграма" has the genitive, which the table lists behind the nominative; "сафари" has but one form.
    let entries = russianAliases[name] ?? []
    if accusative(of: key) == key, entries.contains(where: { $0 != key && accusative(of: $0) == key }) { return said }
    let nominative = entries.prefix { $0 != key }.filter { isForm(key, of: $0) }
      .min { $0.distance(to: key) < $1.distance(to: key) }
    let object = accusative(of: nominative ?? key)
    let spoken = entries.contains(object) ? object : nominative ?? key
    return spoken == key ? said : spoken
  }

  /// Whether a phrase may be another case of one: "телеграма" of "телеграм", "почты" of "почта".
  private static func isForm(_ phrase: String, of nominative: String) -> Bool {
    guard phrase.split(separator: " ").count == nominative.split(separator: " ").count else { return false }
    return zip(phrase.split(separator: " "), nominative.split(separator: " ")).allSatisfy { word, base in
      let shared = zip(word, base).prefix { $0 == $1 }.count
      return shared >= 3 && base.count - shared <= 3 && word.count - shared <= 2 && word.last != "м"
    }
  }

  /// The accusative of a nominative: "почту" of "почта"; most names have the same.
  private static func accusative(of nominative: String) -> String {
    nominative.split(separator: " ").map { word in
      switch word.suffix(2) {
      case "ая": word.dropLast(2) + "ую"
      default: word.last == "а" ? word.dropLast() + "у" : word.last == "я" ? word.dropLast() + "ю" : String(word)
      }
    }.joined(separator: " ")
  }

  private static func spelling(_ words: ArraySlice<SpokenWord>) -> String? {
    spellings[SpokenRequest.phrase(of: words).withoutBundleSuffix]
  }

  /// A name that is not known, as it was said; Latin words that were all lower-case get a capital.
  static func asSaid(_ words: ArraySlice<SpokenWord>) -> String {
    words.lazy.map { $0.text.withoutBundleSuffix }.filter { !$0.isEmpty }.map(capitalised).joined(separator: " ")
  }

  private static func capitalised(_ word: String) -> String {
    guard let first = word.first, first.isASCII, first.isLowercase, word.lowercased() == word, !word.contains("."),
      !["and", "of", "the", "for"].contains(word)
    else { return word }
    return first.uppercased() + word.dropFirst()
  }

  /// Words that say what the application is for, beside its name.
  private static let descriptions = PhraseSet(
    """
    browser, editor, messenger, player, app, application, program, браузер, редактор, мессенджер, плеер
    microsoft, apple, adobe, mac, macos, майкрософт, эппл, эпл, браузера, мессенджера, игру, игра, game, приложение, приложения, программу, программы, программа
    """)

  /// The Russian names of each application, in the order of the table.
  private static let russianAliases: [String: [String]] = {
    var aliases: [String: [String]] = [:]
    for line in table.split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count > 1, let name = PhraseSet.entries(of: String(parts[0])).first else { continue }
      aliases[name, default: []] += PhraseSet.entries(of: String(parts[1])).filter {
        Language(scriptOf: $0) == .russian
      }
    }
    return aliases
  }()

  /// The spelling by everything that people say for it.
  private static let spellings: [String: String] = {
    var spellings: [String: String] = [:]
    for line in table.split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard let name = PhraseSet.entries(of: String(parts[0])).first else { continue }
      spellings[SpokenRequest.key(of: name)] = name
      for alias in PhraseSet.entries(of: parts.count > 1 ? String(parts[1]) : "") { spellings[alias] = name }
    }
    return spellings
  }()

  /// One application a line: its spelling, then what else people call it, in the forms that Russian verbs ask for.
  private static let table = """
    Activity Monitor: мониторинг системы, монитор активности, диспетчер задач, task manager
    Adobe Acrobat: acrobat, акробат
    App Store: appstore, the app store, апстор, апп стор, эп стор, эпстор, магазин приложений
    Arc: arc browser
    Automator: автоматор
    Books: ibooks, apple books, книги, книг
    Brave Browser: brave, брейв
    Calculator: calc, калькулятор, калькулятора
    Calendar: ical, календарь, календаря
    ChatGPT: chat gpt, чат gpt, чатгпт, чат гпт, чат джипити
    Clock: часы, часов
    Console: консоль, консоли
    Contacts: address book, контакты, контактов, адресная книга, адресную книгу, адресной книги
    Dictionary: словарь, словаря
    Discord: дискорд, дискорда
    Disk Utility: дисковая утилита, дисковую утилиту, дисковой утилиты
    Docker: docker desktop, докер, докера
    Dropbox: дропбокс
    FaceTime: face time, фейстайм, фейс тайм, фэйстайм
    Figma: фигма, фигму, фигмы
    FileMaker: file maker
    Find My: локатор, локатора, find my iphone
    Finder: файндер, файндера, финдер, финдера, the finder
    Firefox: fire fox, mozilla firefox, mozilla, файрфокс, файерфокс, фаерфокс, мозилла, мозиллу, мозиллы
    Font Book: шрифты, шрифтов
    Freeform: фриформ, free form
    GarageBand: garage band, гаражбэнд, гараж бэнд
    GitHub Desktop: github
    Google Chrome: chrome, google, гугл хром, гугл хрома, хром, хрома, гугл, гугл chrome, google хром
    Google Drive: гугл диск
    Home: дом, умный дом
    Image Capture: захват изображений
    iMovie: i movie, аймуви
    Instagram: инстаграм, инстаграмм, инсту
    IntelliJ IDEA: intellij, intellij idea, idea
    iTerm: iterm 2, iterm2
    Keynote: key note, кейнот, кийнот
    Launchpad: launch pad, лаунчпад
    LibreOffice: libre office, либре офис, либреофис
    Magnifier: лупа, лупу
    Mail: email, e-mail, mail app, apple mail, почта, почту, почты, почтой, мейл, майл
    Maps: apple maps, карты, карт
    Messages: imessage, i message, message, сообщения, сообщений
    Microsoft Edge: edge, эдж, майкрософт эдж
    Microsoft Excel: excel, эксель, экселя, ексель, майкрософт эксель
    Microsoft Outlook: outlook, аутлук, аутлука, майкрософт аутлук
    Microsoft PowerPoint: powerpoint, power point, пауэрпойнт, пауэр пойнт, повер поинт, поверпоинт
    Microsoft Teams: teams, тимс, майкрософт тимс
    Microsoft Word: word, ворд, ворда, майкрософт ворд
    Music: apple music, itunes, музыка, музыку, музыки, эпл мьюзик, айтюнс
    News: apple news, новости, новостей
    Notes: apple notes, note, заметки, заметок, заметка, заметку
    Notion: ноушн, ноушен, ноушэн
    Numbers: намберс, таблицы apple
    Obsidian: обсидиан
    OBS: obs studio, обс
    Opera: опера, оперу, оперы
    Pages: пейджес, пейджс
    Passwords: пароли, паролей
    Photo Booth: photobooth, фото бут, фотобудка, фотобудку
    Photos: apple photos, photo, фото, фотографии, фотографий
    Photoshop: adobe photoshop, фотошоп, фотошопа
    Podcasts: podcast, apple podcasts, подкасты, подкастов
    Preview: превью, просмотр, просмотра
    QuickTime Player: quicktime, quick time, quick time player, квиктайм, квик тайм
    Reminders: reminder, напоминания, напоминаний
    Safari: browser, web browser, internet browser, сафари, браузер, браузера
    Screenshot: снимок экрана, скриншот
    Shortcuts: shortcut, быстрые команды, быстрых команд
    Signal: сигнал
    Siri: сири
    Skype: скайп, скайпа
    Slack: слак, слэк, слака
    Spotify: спотифай, спотифая
    Steam: стим, стима
    Stickies: sticky notes
    Stocks: акции, акций
    System Settings: settings, system preferences, preferences, настройки, настроек
    System Settings: системные настройки, системных настроек, настройки системы
    Telegram: телеграм, телеграмм, телеграма, телеграмма, телега, телегу, телеги, тг
    Terminal: терминал, терминала, the terminal
    TextEdit: text edit, text editor, текстэдит, текст эдит, текстовый редактор
    Time Machine: тайм машин
    TV: apple tv, эпл тв
    Viber: вайбер, вайбера
    Visual Studio Code: vs code, vscode, visual studio, code, вс код, визуал студио код, визуал студио, ви эс код
    VK: вк, вконтакте
    VLC: vlc player, vlc media player
    VoiceOver: voice over, войсовер, войс овер, voiceover
    Voice Memos: voice memo, voice recorder, диктофон, диктофона, голосовые заметки, голосовых заметок
    Weather: погода, погоду, погоды
    WhatsApp: whats app, what is app, ватсап, вотсап, вацап, ватсапп, вотсапп, ватсапа, вотсапа
    Xcode: x code, икскод, икс код
    Yandex: яндекс браузер, яндекс, yandex browser, яндекс браузера
    YouTube: you tube, ютуб, ютюб
    Zoom: zoom us, зум, зума
    """
}

extension String {
  /// How many letters the longer of two words has behind what both begin with.
  fileprivate func distance(to other: String) -> Int {
    max(count, other.count) - zip(self, other).prefix { $0 == $1 }.count
  }
}

extension StringProtocol {
  /// The text without the suffix of an application's bundle.
  fileprivate var withoutBundleSuffix: String {
    let text = String(self)
    guard text.count > 4, text.lowercased().hasSuffix(".app") else { return text }
    return String(text.dropLast(4))
  }
}
