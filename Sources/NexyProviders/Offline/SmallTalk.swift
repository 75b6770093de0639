/// Short exchanges that are matched whole.
enum SmallTalk: Sendable, Equatable, CaseIterable {
  case capabilities
  case greeting
  /// Politeness that asks for nothing yet: "hey Nexy", "could you".
  case attention
  case thanks
  case wellBeing
  case identity
  case farewell
  /// The user wants nothing, or quiet.
  case never

  /// The exchange that the words are, when they are nothing more.
  static func read(_ words: ArraySlice<SpokenWord>) -> SmallTalk? {
    if let exchange = allCases.first(where: { $0.phrases.contains(words) }) { return exchange }
    if SmallTalk.greeting.phrases.opening(words) == words.count - 1, Courtesy.names.contains(words.suffix(1)) {
      return .greeting
    }
    // "Thank you for opening Safari" thanks for something and asks for nothing.
    if let count = SmallTalk.thanks.phrases.opening(words), words.count > count,
      ["for", "за"].contains(words[words.startIndex + count].key)
    {
      return .thanks
    }
    return nil
  }

  /// How many words before a request only ask how the assistant is; nil when they ask something else.
  static func opening(_ words: ArraySlice<SpokenWord>) -> Int? {
    wellBeingPhrases.opening(words).flatMap { $0 < words.count ? $0 : nil }
  }

  private var phrases: PhraseSet {
    switch self {
    case .capabilities: Self.capabilityPhrases
    case .greeting: Self.greetingPhrases
    case .attention: Self.attentionPhrases
    case .thanks: Self.thanksPhrases
    case .wellBeing: Self.wellBeingPhrases
    case .identity: Self.identityPhrases
    case .farewell: Self.farewellPhrases
    case .never: Self.neverPhrases
    }
  }

  private static let capabilityPhrases = PhraseSet(
    """
    help, help me, i need help, i need some help, can you help, can you help me, could you help me, how can you help
    how can you help me, what can you do, what can you do for me, what do you do, what are you able to do
    what are you capable of, what can i ask, what can i ask you, what can i say, what can i do, what do you know
    what are your commands, what commands do you know, list commands, list of commands, commands, your abilities
    what can you help with, what can you help me with, how do you work, how do i use you, how does this work
    помощь, помоги, помогите, помоги мне, помогите мне, мне нужна помощь, нужна помощь, справка, команды
    что ты умеешь, что ты умеешь делать, что вы умеете, что вы умеете делать, что умеешь, что умеешь делать
    что ты можешь, что ты можешь делать, что ты можешь сделать, что вы можете, что вы можете делать, что можешь
    на что ты способен, на что ты способна, чем ты можешь помочь, чем ты можешь мне помочь, чем вы можете помочь
    чем можешь помочь, как ты можешь помочь, какие команды, какие есть команды, какие команды ты знаешь
    какие у тебя есть команды, список команд, что я могу спросить, что можно спросить, что у тебя можно спросить
    что я могу сказать, как ты работаешь, как тобой пользоваться, как этим пользоваться, расскажи что ты умеешь
    """)

  private static let greetingPhrases = PhraseSet(
    """
    hello, hi, hey, hi there, hello there, hey there, greetings, hiya, howdy, good morning, good afternoon
    good evening, good day, morning, evening, good to see you, nice to meet you, hello again, hi again
    привет, приветик, приветствую, здравствуй, здравствуйте, здорово, салют, хай, алло, ало, доброе утро, добрый день
    добрый вечер, доброго дня, доброго утра, доброго вечера, рад тебя слышать, рада тебя слышать
    приятно познакомиться, и тебе привет
    """)

  private static let attentionPhrases = PhraseSet(
    """
    are you there, can you hear me, do you hear me, ты здесь, ты тут, ты меня слышишь, вы меня слышите, слышишь меня
    """)

  private static let thanksPhrases = PhraseSet(
    """
    thank you, thanks, thanks a lot, thank you very much, thank you so much, thanks so much, many thanks, thanks again
    thank you again, thanks a million, thank you kindly, i appreciate it, i thank you, much appreciated, cheers
    great thanks, great thank you, ok thanks, ok thank you, okay thanks, okay thank you
    спасибо, спасибо большое, большое спасибо, спасибо огромное, огромное спасибо, спасибо тебе, спасибо вам
    спасибо тебе большое, спасибо вам большое, благодарю, благодарю тебя, благодарю вас, благодарствую, спс, спасибочки
    очень благодарен, очень благодарна, я благодарен, я благодарна, спасибо еще раз, еще раз спасибо, отлично спасибо
    хорошо спасибо, ладно спасибо
    """)

  private static let wellBeingPhrases = PhraseSet(
    """
    how are you, how are you doing, how are you today, how are you doing today, how do you do, how is it going
    how have you been, how are things, how is everything, how do you feel, how are you feeling, what is up, are you ok
    are you okay, how is life, how is your day
    как дела, как твои дела, как ваши дела, как у тебя дела, как у вас дела, как ты, как вы, как поживаешь
    как поживаете, как жизнь, как настроение, как сам, как сама, как ты себя чувствуешь, как себя чувствуешь
    как вы себя чувствуете, что нового, как оно, как ты сегодня, как дела сегодня
    """)

  private static let identityPhrases = PhraseSet(
    """
    who are you, what are you, what is your name, your name, tell me your name, who am i talking to
    who am i speaking to, who is this, who is there, introduce yourself, tell me about yourself, are you a robot
    are you human, are you a human, are you real, are you a person, about yourself, do you have a name
    what should i call you
    кто ты, ты кто, кто вы, вы кто, кто ты такой, кто ты такая, ты кто такой, ты кто такая, кто вы такой, кто вы такая
    кто вы такие, как тебя зовут, как вас зовут, тебя как зовут, как твое имя, как ваше имя, твое имя, ваше имя
    какое у тебя имя, есть ли у тебя имя, что ты такое, представься, представьтесь, ты робот, ты человек
    вы робот, вы человек, расскажи о себе, расскажите о себе, с кем я говорю, с кем я разговариваю
    как к тебе обращаться
    """)

  private static let farewellPhrases = PhraseSet(
    """
    goodbye, good bye, bye, bye bye, see you, see you later, see you soon, see you tomorrow, good night, farewell
    have a nice day, have a good day, have a good one, that is all, thats all, that will be all, talk to you later
    take care, until next time
    пока, пока пока, до свидания, до встречи, до скорого, до завтра, прощай, прощайте, увидимся, спокойной ночи
    доброй ночи
    хорошего дня, хорошего вечера, всего доброго, всего хорошего, всего наилучшего, бывай, счастливо, на этом все
    это все, до связи
    """)

  private static let neverPhrases = PhraseSet(
    """
    stop, stop it, stop talking, cancel, never mind, nevermind, forget it, be quiet, quiet, shut up, silence, enough
    nothing, not now, no, no thanks, no thank you, nothing thanks
    стоп, стой, отмена, отмени, отбой, хватит, замолчи, помолчи, тихо, тише, молчи, неважно, не важно, забудь, ничего
    не надо, не нужно, довольно, достаточно, перестань, прекрати, нет, нет спасибо, ничего не надо, не сейчас
    """)
}
