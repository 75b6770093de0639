import NexyCore

/// A request to open or to close an application.
struct ApplicationCommand: Sendable, Equatable {
  enum Action: Sendable, Equatable {
    case open
    case close

    /// The command's name on the wire.
    var toolName: String {
      switch self {
      case .open: "open_app"
      case .close: "close_app"
      }
    }
  }

  var action: Action
  /// The application as macOS spells it, or as it was said; nil when the request names none.
  var application: String?
  /// The name in the accusative as it was said, when it is a Russian word.
  var russianName: String?
  /// Whether the request asks for something more, which is not done.
  var asksForMore = false
  /// The language of the verb: the name itself is often a foreign word.
  var language: Language?
}

extension ApplicationCommand {
  /// Reads a request whose first words are a verb of opening or closing.
  static func read(_ words: ArraySlice<SpokenWord>) -> ApplicationCommand? {
    for verb in verbs {
      guard let count = verb.phrases.opening(words),
        let reading = read(object: words.dropFirst(count), knownOnly: verb.needsKnownName)
      else { continue }
      return ApplicationCommand(
        action: verb.action, application: reading.name, russianName: reading.russianName, asksForMore: reading.hasMore,
        language: Language(scriptOf: SpokenRequest.phrase(of: words.prefix(count))))
    }
    return readBackwards(words)
  }

  /// Reads a known name with its verb behind it, as Russian allows: "сафари открой".
  private static func readBackwards(_ words: ArraySlice<SpokenWord>) -> ApplicationCommand? {
    guard words.count > 1, let last = words.last,
      let verb = verbs.first(where: { !$0.needsKnownName && $0.phrases.contains(last.key) }),
      let name = ApplicationName.known(words.dropLast())
    else { return nil }
    return ApplicationCommand(
      action: verb.action, application: name, russianName: ApplicationName.russian(words.dropLast()),
      language: Language(scriptOf: last.key))
  }

  /// A verb, in all the forms in which it begins a request.
  private struct Verb: Sendable {
    var action: Action
    /// Whether the verb has so many other uses that only a known application's name makes it a command.
    var needsKnownName: Bool
    var phrases: PhraseSet
  }

  private static let verbs = [
    Verb(
      action: .open, needsKnownName: false,
      phrases: PhraseSet(
        """
        open, open up, launch, start, start up, run, would you mind opening, would you mind launching
        would you mind starting, do you mind opening, mind opening
        открой, откройте, открыть, открывай, открывайте, запусти, запустите, запустить, запускай, запускайте
        включи, включите, включить, включай, включайте, откроем, запустим, включим
        """)),
    Verb(
      action: .close, needsKnownName: false,
      phrases: PhraseSet(
        """
        close, close down, quit, exit, exit from, kill, terminate, force quit, would you mind closing
        would you mind quitting, do you mind closing, mind closing
        закрой, закройте, закрыть, закрывай, закрывайте, выключи, выключите, выключить, выключай, выключайте
        заверши, завершите, завершить, завершай, завершайте, заверши работу, завершите работу, завершить работу
        выйди из, выйдите из, выйти из, отключи, отключите, отключить, закроем
        """)),
    Verb(
      action: .open, needsKnownName: true,
      phrases: PhraseSet(
        """
        show, show me, bring up, fire up, pull up, switch to, go to, switch on, turn on, activate, load
        покажи, покажите, показать, покажи мне, покажите мне, перейди в, перейдите в, перейти в, перейди на, перейдите на, зайди в, зайдите в
        зайди на, зайдите на, зайти в, переключись на, переключитесь на, переключиться на
        """)),
    Verb(
      action: .close, needsKnownName: true,
      phrases: PhraseSet(
        """
        stop, end, shut down, shut, turn off, switch off, get out of
        останови, остановите, остановить, убери, уберите, убрать, убей, убить
        """)),
  ]

  /// What an object says.
  private struct Reading {
    var name: String?
    var russianName: String?
    var hasMore = false

    init(name: String? = nil, hasMore: Bool = false) {
      self.name = name
      self.hasMore = hasMore
    }

    init?(known words: ArraySlice<SpokenWord>, hasMore: Bool = false) {
      guard let name = ApplicationName.known(words) else { return nil }
      self.init(name: name, hasMore: hasMore)
      russianName = ApplicationName.russian(words)
    }
  }

  /// Whether a word says that something is an application.
  static func isKind(_ word: SpokenWord) -> Bool { kinds.contains(word.key) }

  /// Whether a word stands before a name and is no part of it.
  static func isDeterminer(_ word: SpokenWord) -> Bool { determiners.contains(word.key) }

  /// What follows the verb: a name, nothing (the request did not say which), or something that is no application.
  private static func read(
    object: ArraySlice<SpokenWord>, knownOnly: Bool
  ) -> Reading? {
    var words = object
    var isIndefinite = false
    var isCalledApplication = false
    while let first = words.first {
      // "App Store" begins with a word that otherwise says what an application is.
      if let known = Reading(known: words) { return known }
      if determiners.contains(first.key) {
        isIndefinite = isIndefinite || first.key == "a" || first.key == "an"
      } else if kinds.contains(first.key) {
        isCalledApplication = true
      } else if !(isCalledApplication && introductions.contains(first.key)) {
        break
      }
      words = words.dropFirst()
    }
    while let last = words.last, kinds.contains(last.key) {
      isCalledApplication = true
      words = words.dropLast()
    }
    guard !words.isEmpty else { return knownOnly && !isCalledApplication ? nil : Reading() }

    if let known = Reading(known: words) { return known }
    let first = firstOfSeveral(words)
    if let known = Reading(known: first, hasMore: true) { return known }
    if knownOnly && !isCalledApplication { return nil }
    if isIndefinite && !isCalledApplication { return nil }
    guard first.count <= 5, let head = first.first, !otherThings.contains(head.key) else { return nil }
    guard !first.contains(where: { clauseWords.contains($0.key) }) else { return nil }
    guard isCalledApplication || !first.contains(where: { WebPageRequest.isFile($0.text) }) else { return nil }
    return Reading(name: ApplicationName.asSaid(first), hasMore: first.count < words.count)
  }

  /// The first part of a list or of a chain of requests; everything when there is one part.
  static func firstOfSeveral(_ words: ArraySlice<SpokenWord>) -> ArraySlice<SpokenWord> {
    for index in words.indices.dropLast() {
      let part = words[...index]
      if words[index].endsClause { return part }
      // A name may have an "and" in it; behind a known name it begins something else.
      if joints.contains(words[index + 1].key), ApplicationName.known(part) != nil { return part }
    }
    return words
  }

  private static let joints = PhraseSet("and, then, и, а, потом, затем")

  private static let determiners = PhraseSet(
    """
    the, my, a, an, up, this, that, all, please, me, now, все, мне, нам, мое, мою, мой, мои, наш, нашу, это, эту
    ка, пожалуйста, плиз, сейчас, быстро, быстренько, теперь
    """)

  /// Words for what an application is.
  private static let kinds = PhraseSet(
    """
    app, apps, application, applications, program, programs, software, game, games
    приложение, приложения, приложений, приложению, приложением, программа, программу, программы, программой, программ
    апп, аппликация, аппликацию, прогу, прога, игру, игра, игры
    """)

  private static let introductions = PhraseSet("called, named, under, name, под, названием, именем, с, по, имени")

  /// What these verbs take in everyday speech without meaning an application.
  private static let otherThings = PhraseSet(
    """
    question, questions, source, air, ended, minded, mind, letter, sesame, access, standard, relationship, wound, sea
    for, to, at, it, them, this, that, these, those, by, of, in, on, over, off, out, away, up, down, from, with, like
    window, windows, tab, tabs, file, files, folder, folders, document, documents, everything, link, door, doors, screen
    process, computer, laptop, mac, internet, wi-fi, wifi, bluetooth, volume, sound
    call, friend, friends, enough, range, timer, alarm, music, recording, dictation, time, smoking, lights, light
    вопрос, вопросы, счет, окно, окна, вкладку, вкладки, файл, файлы, папку, папки, документ, документы, ссылку, дверь
    его, ее, их, свет, звук, компьютер, ноутбук, мак, экран, телевизор, будильник, таймер, микрофон, громкость, систему
    системы, интернет, вайфай, блютуз, запись, диктовку, погромче, потише, что-нибудь, что-то, тему, бизнес
    себя, меня, нам, глаза, рот, скобки, скобку
    """)

  /// Words that make a clause of what follows, not a name.
  private static let clauseWords = PhraseSet(
    """
    because, when, if, while, which, who, that, how, why, what, where, than, is, are, was, were, does, do
    когда, если, потому, который, которая, которое, которую, как, почему, что, где, чем, чтобы, в, на
    """)
}
