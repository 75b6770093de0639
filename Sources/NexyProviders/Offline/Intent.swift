import NexyCore

/// What a request asks for, as far as rules can tell.
enum Intent: Sendable, Equatable {
  case command(ApplicationCommand)
  /// One question or several, in the order of their answers.
  case clock([ClockQuestion])
  case calculation(Calculation)
  case smallTalk(SmallTalk)
  /// Words that are said as they are.
  case repetition(String)
  /// A web page, which no application is.
  case webPage
  /// The first of several requests; the others are left to be asked again.
  indirect case first(Intent)
  /// What the screen shows, which nothing here can see.
  case screen
  case unknown
}

extension Intent {
  /// The longest request that is read, in characters; what rules answer is shorter.
  static let longestRequest = 500

  /// Reads a request.
  /// - Parameter language: the language whose decimal sign a bare sum is read with.
  init(reading prompt: String, language: Language) {
    if let text = Repetition.text(of: prompt) {
      self = .repetition(text)
      return
    }
    let isShort = prompt.index(prompt.startIndex, offsetBy: Self.longestRequest + 1, limitedBy: prompt.endIndex) == nil
    self = isShort ? Self.read(SpokenRequest.words(of: prompt)[...], language) : .unknown
  }

  /// Tries the whole request first, then what is left after each piece of politeness before it, so that "hello" is a
  /// greeting and "hello, what time is it" is a question.
  private static func read(_ words: ArraySlice<SpokenWord>, _ language: Language) -> Intent {
    guard !words.isEmpty else { return .unknown }
    let intent = one(words, language)
    return intent == .unknown ? firstOfSeveral(words, language).map { .first($0) } ?? .unknown : intent
  }

  private static func one(_ words: ArraySlice<SpokenWord>, _ language: Language) -> Intent {
    // "Okay, thanks" is thanks, although it ends as a request may.
    if let exchange = SmallTalk.read(words) { return .smallTalk(exchange) }
    var rest = Courtesy.withoutClosing(words)
    while !rest.isEmpty {
      if let intent = whole(rest, language) { return intent }
      guard let count = Courtesy.opening(rest) ?? SmallTalk.opening(rest) else { return .unknown }
      rest = rest.dropFirst(count)
    }
    // Only the assistant's name, or "could you please": whoever calls is asked what for.
    return .smallTalk(.attention)
  }

  /// The first of two requests that are joined, each of which would be answered by itself.
  private static func firstOfSeveral(_ words: ArraySlice<SpokenWord>, _ language: Language) -> Intent? {
    for index in words.indices.dropFirst() {
      let isJoint = joints.contains(words[index].key)
      guard isJoint || words[index - 1].endsClause else { continue }
      let rest = words[index...].drop { joints.contains($0.key) }
      let first = one(words[..<index], language)
      guard first.isRequest, !rest.isEmpty else { continue }
      if one(rest, language).isRequest || firstOfSeveral(rest, language) != nil { return first }
    }
    return nil
  }

  private static let joints = PhraseSet("and, then, also, plus, и, а, потом, затем, еще")

  /// Whether it asks for something that is done.
  private var isRequest: Bool {
    switch self {
    case .command, .clock, .calculation, .webPage: true
    case .first, .smallTalk, .repetition, .screen, .unknown: false
    }
  }

  private static func whole(_ words: ArraySlice<SpokenWord>, _ language: Language) -> Intent? {
    if WebPageRequest.matches(words) { return .webPage }
    if let command = ApplicationCommand.read(words) { return .command(command) }
    if let questions = ClockQuestion.readAll(words) { return .clock(questions) }
    if let exchange = SmallTalk.read(words) { return .smallTalk(exchange) }
    if ScreenQuestion.matches(words) { return .screen }
    return Calculation(reading: SpokenRequest.text(of: words), language: language).map(Intent.calculation)
  }
}

/// Questions about what the screen shows.
enum ScreenQuestion {
  static func matches(_ words: ArraySlice<SpokenWord>) -> Bool {
    if phrases.contains(words) { return true }
    guard words.count <= 12 else { return false }
    if descriptions.opening(words) != nil { return words.contains { screens.contains($0.key) } }
    return questions.opening(words) != nil && words.indices.contains { namesPlace(words, at: $0) }
  }

  /// Whether a word means a place on the screen: "on my screen", "на экране"; not "the screen's size".
  private static func namesPlace(_ words: ArraySlice<SpokenWord>, at index: Int) -> Bool {
    if screenPlaces.contains(words[index].key) { return true }
    return screens.contains(words[index].key) && words[..<index].suffix(2).contains { $0.key == "on" }
  }

  private static let phrases = PhraseSet(
    """
    what do you see, what can you see, can you see my screen, what am i looking at, what is this, what is in front of me
    do you see my screen, where am i, describe what you see, describe this
    что ты видишь, что вы видите, что ты сейчас видишь, что передо мной, что это, где я, ты видишь экран
    ты видишь мой экран, вы видите экран, вы видите мой экран, видишь экран, опиши что ты видишь, опиши что видишь
    """)

  /// Requests to describe what is there.
  private static let descriptions = PhraseSet(
    """
    describe, read, explain, summarize, look at, take a look at
    опиши, опишите, описать, прочитай, прочитайте, прочитать, прочти, прочтите, озвучь, озвучьте, посмотри, посмотрите
    посмотри на, объясни
    """)

  /// Questions about what is in a place.
  private static let questions = PhraseSet(
    """
    what, which, is there, are there, where, who, how many
    что, какой, какие, какое, какая, есть ли, где, кто, сколько, расскажи, расскажите
    """)

  private static let screens = PhraseSet(
    "screen, screens, display, monitor, desktop, экран, экране, экрана, экраном, дисплее, мониторе")

  /// Screens in the case that a place takes.
  private static let screenPlaces = PhraseSet("экране, дисплее, мониторе")
}
