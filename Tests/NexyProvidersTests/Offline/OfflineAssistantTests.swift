import NexyCore
import NexyVoice
import Testing

@testable import NexyProviders

@Suite("Offline assistant")
struct OfflineAssistantTests {
  private static let help = """
    I can open and close applications, tell the time and date, and do arithmetic. \
    For example, say: open Safari, or: what is 15 percent of 200.
    """
  private static let helpInRussian = """
    Я умею открывать и закрывать приложения, называть время и дату и считать. \
    Например, скажите: открой Safari, или: сколько будет 15 процентов от 200.
    """
  private static let identity =
    "I'm Nexy, a voice assistant for your Mac. Right now I work without a language model."
  private static let identityInRussian =
    "Я Нэкси, голосовой помощник для вашего Mac. Сейчас я работаю без языковой модели."
  private static let unable = """
    I can't answer that without a language model. Ask your operator to set GEMINI_API_KEY. \
    I can still open and close applications, tell the time and date, and do arithmetic.
    """
  private static let unableInRussian = """
    Без языковой модели я не могу на это ответить. Попросите оператора задать ключ GEMINI_API_KEY. \
    Зато я умею открывать и закрывать приложения, называть время и дату и считать.
    """
  private static let blind = """
    I can't see the screen without a language model. Ask your operator to set GEMINI_API_KEY. \
    I can still open and close applications, tell the time and date, and do arithmetic.
    """
  private static let blindInRussian = """
    Без языковой модели я не вижу, что на экране. Попросите оператора задать ключ GEMINI_API_KEY. \
    Зато я умею открывать и закрывать приложения, называть время и дату и считать.
    """

  @Test(
    "answers what people say around requests",
    arguments: [
      Spoken("what can you do", help), Spoken("What can you do?", help), Spoken("help", help),
      Spoken("help me please", help),
      Spoken("hi Nexy, what can you do", help), Spoken("can you help me", help), Spoken("hello, help", help),
      Spoken("что ты умеешь", helpInRussian), Spoken("Что ты умеешь?", helpInRussian), Spoken("помощь", helpInRussian),
      Spoken("помоги", helpInRussian), Spoken("привет, что ты умеешь делать", helpInRussian),
      Spoken("расскажи, что ты умеешь", helpInRussian),
      Spoken("hello", "Hello! How can I help?"), Spoken("Hi!", "Hello! How can I help?"),
      Spoken("hello Nexy", "Hello! How can I help?"), Spoken("good morning", "Hello! How can I help?"),
      Spoken("привет", "Здравствуйте! Чем могу помочь?"), Spoken("здравствуйте", "Здравствуйте! Чем могу помочь?"),
      Spoken("Добрый день!", "Здравствуйте! Чем могу помочь?"), Spoken("доброе утро", "Здравствуйте! Чем могу помочь?"),
      Spoken("добрый вечер нэкси", "Здравствуйте! Чем могу помочь?"),
      Spoken("hey Nexy", "Hello! How can I help?"), Spoken("Nexy", "How can I help?"),
      Spoken("нэкси", "Чем могу помочь?"),
      Spoken("ты меня слышишь", "Чем могу помочь?"),
      Spoken("thank you", "You're welcome."), Spoken("thanks a lot, Nexy", "You're welcome."),
      Spoken("thank you for opening Safari", "You're welcome."), Spoken("thank you very much", "You're welcome."),
      Spoken("спасибо", "Пожалуйста."), Spoken("благодарю", "Пожалуйста."), Spoken("Спасибо большое!", "Пожалуйста."),
      Spoken("спасибо за помощь", "Пожалуйста."),
      Spoken("how are you", "I'm working well, thank you. How can I help?"),
      Spoken("hi, how are you doing today?", "I'm working well, thank you. How can I help?"),
      Spoken("как дела", "Спасибо, всё работает. Чем могу помочь?"),
      Spoken("привет, как твои дела?", "Спасибо, всё работает. Чем могу помочь?"),
      Spoken("who are you", identity),
      Spoken("what's your name", identity),
      Spoken("кто ты", identityInRussian),
      Spoken("как тебя зовут", identityInRussian),
      Spoken("stop", "All right."), Spoken("Nexy, never mind", "All right."), Spoken("хватит", "Хорошо."),
      Spoken("okay thanks", "You're welcome."), Spoken("no thanks", "All right."),
      Spoken("goodbye", "Goodbye!"), Spoken("bye bye", "Goodbye!"), Spoken("thanks, bye", "Goodbye!"),
      Spoken("пока", "До свидания!"), Spoken("до свидания", "До свидания!"), Spoken("спасибо, пока", "До свидания!"),
    ])
  func smallTalk(row: Spoken) async throws {
    let outcome = try await askOffline(row.prompt)
    #expect(outcome.text == row.reply)
    #expect(outcome.calls.isEmpty)
  }

  @Test(
    "admits what it cannot answer and names the missing key",
    arguments: [
      Spoken("tell me about dogs", unable), Spoken("who was Napoleon", unable),
      Spoken("help me write a letter", unable),
      Spoken("hello world program in Python", unable), Spoken("write a poem", unable), Spoken("…", unable),
      Spoken("", unable),
      Spoken("bye the way who won", unable), Spoken("screen door repair", unable),
      Spoken("what is the best monitor", unable), Spoken("thanks but no", unable),
      Spoken("расскажи о собаках", unableInRussian), Spoken("кто такой Наполеон", unableInRussian),
      Spoken("какой экран лучше", unableInRussian),
      Spoken("привет, напиши письмо маме", unableInRussian), Spoken("пока не знаю", unableInRussian),
      Spoken("помоги написать письмо", unableInRussian), Spoken("как дела у мамы", unableInRussian),
    ])
  func unknown(row: Spoken) async throws {
    #expect(try await askOffline(row.prompt).text == row.reply)
  }

  @Test(
    "says that it cannot see the screen",
    arguments: [
      Spoken("what's on my screen", blind), Spoken("what is on the screen?", blind),
      Spoken("describe the screen", blind),
      Spoken("Nexy, read the screen please", blind), Spoken("what do you see", blind),
      Spoken("can you describe what is on my screen", blind), Spoken("tell me what's on the screen", blind),
      Spoken("что на экране", blindInRussian), Spoken("опиши экран", blindInRussian),
      Spoken("Что у меня сейчас на экране?", blindInRussian), Spoken("пожалуйста прочитай экран", blindInRussian),
      Spoken("скажи что на экране", blindInRussian), Spoken("что ты видишь", blindInRussian),
    ])
  func screen(row: Spoken) async throws {
    #expect(try await askOffline(row.prompt, screenshot: Screenshot(base64: "UklGRg==")).text == row.reply)
  }

  @Test("names the remedy that fits the reason")
  func remedy() async throws {
    let reply = try await askOffline("who was Napoleon", absence: .notAnswering).text
    #expect(reply.contains("does not answer right now"))
    #expect(!reply.contains("GEMINI_API_KEY"))
  }

  @Test(
    "speaks the language that the client asks for",
    arguments: [
      ("time", Language.russian, "Сейчас 15 часов 5 минут."),
      ("который час", .english, "It's 3:05 PM."),
      ("открой почту", .english, "Opening Mail."),
      ("open Mail", .russian, "Открываю Mail."),
      ("open сафари", .russian, "Открываю сафари."),
      ("2,5 + 2,5", .russian, "2,5 плюс 2,5 будет 5."),
      ("10 / 4", .russian, "10 разделить на 4 будет 2,5."),
      ("сколько будет 15 процентов от 200", .english, "15 percent of 200 is 30."),
    ])
  func language(prompt: String, language: Language, reply: String) async throws {
    #expect(try await askOffline(prompt, in: language).text == reply)
  }

  @Test("emits a delta for each sentence, and the command after its words")
  func deltas() async throws {
    #expect(try await askOffline("hello").deltas == 2)
    let opening = OfflineOutcome(text: "Opening Safari.", calls: ["open_app Safari"], deltas: 2)
    #expect(try await askOffline("open Safari") == opening)
  }

  @Test("stops when the turn takes no more")
  func stops() async throws {
    struct TurnIsOver: Error {}
    let request = ModelRequest(
      prompt: "open Safari", device: DeviceID("mac-1")!, session: SessionID("3f0c1b62-6d1e-4a59-9d2c-0a5f6f6b7d11")!)
    await #expect(throws: TurnIsOver.self) {
      try await OfflineAssistant().reply(to: request) { _ in throw TurnIsOver() }
    }
  }

  @Test("has the name that settings spell")
  func name() {
    #expect(OfflineAssistant().name == "offline")
  }

  @Test("reads decomposed letters and letters without dots as the same words")
  func spelling() async throws {
    #expect(try await askOffline("открои\u{306} калькулятор").calls == ["open_app Calculator"])
    #expect(try await askOffline("сколько будет три плюс трёх").text == "3 плюс 3 будет 6.")
    #expect(try await askOffline("сколько будет три плюс трех").text == "3 плюс 3 будет 6.")
  }
}
