/// What people say around a request without asking for anything.
enum Courtesy {
  /// The request without the politeness after it; the last words are never taken.
  static func withoutClosing(_ words: ArraySlice<SpokenWord>) -> ArraySlice<SpokenWord> {
    var words = words
    while let count = closings.closing(words), count < words.count { words = words.dropLast(count) }
    return words
  }

  /// How many words before the request are only politeness; nil when the first word already asks.
  static func opening(_ words: ArraySlice<SpokenWord>) -> Int? {
    openings.opening(words)
  }

  /// The assistant's name as people say it and as speech recognition writes it.
  static let names = PhraseSet("nexy, nexi, nexie, nexxy, nexey, нэкси, некси, нэксис, нексис")

  private static let openings = PhraseSet(
    """
    nexy, nexi, nexie, nexxy, nexey, hey, hi, hello, ok, okay, hi there, hello there, greetings
    good morning, good afternoon, good evening, good day
    please, kindly, just, now, so, well, and, then, also, quickly, um, uh, oh, yes, alright, all right, right
    can you, could you, would you, will you, can you please, could you please, would you please, will you please
    can you just, could you just, can we, could we, can i ask you to, may i ask you to, you can, you could
    i want you to, i would like you to, i need you to, i want to, i would like to, i need to, i wanna
    let us, go ahead and, be so kind as to, would you be so kind as to, would you kindly, do me a favor and
    possibly, maybe, perhaps, thanks so much, thank you so much, pls, plz, would it be possible to, would it be possible to know, is it possible to, would you be able to
    i would really like you to, i really want you to, i would love you to, i was wondering if you could
    do you think you could, could i ask you to, i would appreciate it if you could, if you could, please go ahead and
    can i have, may i have, could i have, can i get, may i know, can i know, so please
    help me, help me to, can you help me, can you help me to, could you help me, please help me
    tell me, tell me please, please tell me, can you tell me, could you tell me, could you please tell me
    can you please tell me, would you tell me, show me, give me, say, let me know, do you know, do you happen to know
    i want to know, i would like to know, i need to know, i wonder, i have a question, question
    excuse me, sorry, listen, look, thank you, thanks, thank you very much, thanks a lot, many thanks, great, cool
    нэкси, некси, нэксис, нексис, эй, хей, окей, ок, алло, ало, слушай, слушайте, послушай, послушайте, так, ну, а, и
    привет, приветик, здравствуй, здравствуйте, здорово, салют, хай, доброе утро, добрый день, добрый вечер
    доброго дня, доброго утра, доброго вечера, доброй ночи, приветствую
    пожалуйста, плиз, пожалуй, давай, давайте, быстро, быстренько, теперь, потом, еще, сейчас, будь добр, будь добра
    будьте добры, будь так добр, будь любезен, будьте любезны, прошу, прошу тебя, прошу вас, если можно
    можешь, можете, ты можешь, вы можете, можешь ли ты, можете ли вы, не можешь, не можете, можно, можно ли
    мог бы ты, могла бы ты, могли бы вы, не мог бы ты, не могла бы ты, не могли бы вы, не мог бы, не могла бы
    не могли бы, ты не мог бы, ты не могла бы, вы не могли бы, мог бы, могла бы, могли бы
    можно тебя попросить, можно вас попросить, могу я попросить тебя, могу я попросить вас, могу ли я попросить тебя
    если не трудно, если не сложно, если вам не трудно, если тебе не трудно, если вам не сложно, если тебе не сложно
    если вы не против, если ты не против, будьте так добры, будьте так любезны, не затруднит ли вас, может быть, может
    ка, мне бы, нам надо, мне бы хотелось, хотелось бы, дай знать, а ну ка, ну ка, а теперь
    хочу, я хочу, хотел бы, хотела бы, я хотел бы, я хотела бы, хочу чтобы ты, я хочу чтобы ты, хочется
    мне нужно, мне надо, нужно, надо, нам нужно, попробуй, помоги мне, помоги
    скажи, скажите, скажи мне, скажите мне, скажи ка, подскажи, подскажите, подскажи мне, подскажите мне
    покажи, покажи мне, покажите, покажите мне, назови, назовите, сообщи, сообщите, напомни, напомни мне, узнай, ответь
    ты знаешь, вы знаете, знаешь, ты не знаешь, не знаешь, вы не знаете, не подскажешь, не подскажете
    я хочу знать, хочу знать, хочу узнать, я хочу узнать, интересно
    извини, извините, прости, простите, спасибо, большое спасибо, спасибо большое, благодарю, отлично, хорошо, ладно
    """)

  private static let closings = PhraseSet(
    """
    please, pls, thanks, thank you, nexy, nexi, nexie, nexxy, nexey, for me, for me please, now, right now
    at the moment, currently, quickly, right away, immediately, if you can, if you please, if possible, would you
    thank you so much, thank you very much, thank you kindly, and thank you, and thanks, thanks a lot, thanks so much, many thanks, when you can
    as soon as possible, asap, if you do not mind, if you dont mind, if that is ok, at your convenience
    will you, could you, can you, ok, okay, again, then, right
    пожалуйста, плиз, спасибо, нэкси, некси, нэксис, нексис, сейчас, прямо сейчас, для меня, мне, быстро, быстрее
    побыстрее, если можно, если можешь, если не трудно, если не сложно, в данный момент, на данный момент
    спасибо большое, большое спасибо, заранее спасибо, спасибо заранее, будь добр, будь добра, будьте добры
    будь любезен, будьте любезны, если вам не трудно, если тебе не трудно, если вам не сложно, если тебе не сложно
    если вы не против, если ты не против, прошу, прошу тебя, прошу вас, как можно быстрее, поскорее, скажи, скажите
    скажи мне, подскажи, подскажите, ка
    теперь, немедленно, срочно, ладно, хорошо, а, снова, опять
    """)
}
