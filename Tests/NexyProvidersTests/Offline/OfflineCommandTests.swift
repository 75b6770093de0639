import NexyCore
import Testing

@testable import NexyProviders

/// One row of a table: what is said, what is heard, and what is done.
struct Commanded: Sendable, CustomTestStringConvertible {
  let prompt: String
  let reply: String
  let call: String

  init(_ prompt: String, _ reply: String, _ call: String) {
    self.prompt = prompt
    self.reply = reply
    self.call = call
  }

  var testDescription: String { prompt }
}

@Suite("Offline commands")
struct OfflineCommandTests {
  @Test(
    "opens and closes what is named in English",
    arguments: [
      Commanded("open Safari", "Opening Safari.", "open_app Safari"),
      Commanded("OPEN SAFARI", "Opening Safari.", "open_app Safari"),
      Commanded("Open safari.", "Opening Safari.", "open_app Safari"),
      Commanded("launch vs code", "Opening Visual Studio Code.", "open_app Visual Studio Code"),
      Commanded("start google chrome", "Opening Google Chrome.", "open_app Google Chrome"),
      Commanded("run terminal", "Opening Terminal.", "open_app Terminal"),
      Commanded("show me the calendar", "Opening Calendar.", "open_app Calendar"),
      Commanded("open up the Notes app please", "Opening Notes.", "open_app Notes"),
      Commanded("could you please open the Mail application", "Opening Mail.", "open_app Mail"),
      Commanded("hey Nexy, open Finder", "Opening Finder.", "open_app Finder"),
      Commanded("Nexy open system settings", "Opening System Settings.", "open_app System Settings"),
      Commanded("open safari.app", "Opening Safari.", "open_app Safari"),
      Commanded("open Safari browser", "Opening Safari.", "open_app Safari"),
      Commanded("open the text editor", "Opening TextEdit.", "open_app TextEdit"),
      Commanded("open a terminal", "Opening Terminal.", "open_app Terminal"),
      Commanded("open whats app", "Opening WhatsApp.", "open_app WhatsApp"),
      Commanded("hello, can you open spotify for me", "Opening Spotify.", "open_app Spotify"),
      Commanded("thank you, open music", "Opening Music.", "open_app Music"),
      Commanded("I want you to open photos now", "Opening Photos.", "open_app Photos"),
      Commanded("I'd like you to open Keynote", "Opening Keynote.", "open_app Keynote"),
      Commanded("let's open Zoom", "Opening Zoom.", "open_app Zoom"),
      Commanded("turn on the music", "Opening Music.", "open_app Music"),
      Commanded("open foobar", "Opening Foobar.", "open_app Foobar"),
      Commanded("open my super tool", "Opening Super Tool.", "open_app Super Tool"),
      Commanded("open command and conquer", "Opening Command and Conquer.", "open_app Command and Conquer"),
      Commanded("open iA Writer", "Opening iA Writer.", "open_app iA Writer"),
      Commanded("open ID Austria", "Opening ID Austria.", "open_app ID Austria"),
      Commanded("open the application called bear", "Opening Bear.", "open_app Bear"),
      Commanded("open сафари", "Opening Safari.", "open_app Safari"),
      Commanded("open “Safari”", "Opening Safari.", "open_app Safari"),
      Commanded("open the App Store", "Opening App Store.", "open_app App Store"),
      Commanded("would you mind opening Safari", "Opening Safari.", "open_app Safari"),
      Commanded("help me open Safari", "Opening Safari.", "open_app Safari"),
      Commanded("open the browser", "Opening Safari.", "open_app Safari"),
      Commanded("close Safari", "Closing Safari.", "close_app Safari"),
      Commanded("quit the Mail app", "Closing Mail.", "close_app Mail"),
      Commanded("exit terminal", "Closing Terminal.", "close_app Terminal"),
      Commanded("kill google chrome right now", "Closing Google Chrome.", "close_app Google Chrome"),
      Commanded("would you close Telegram please", "Closing Telegram.", "close_app Telegram"),
      Commanded("force quit Xcode", "Closing Xcode.", "close_app Xcode"),
      Commanded("stop the music", "Closing Music.", "close_app Music"),
      Commanded("could you possibly open safari", "Opening Safari.", "open_app Safari"),
      Commanded("I'd really like you to open notes", "Opening Notes.", "open_app Notes"),
      Commanded("would it be possible to open mail", "Opening Mail.", "open_app Mail"),
      Commanded("please close Spotify thank you so much", "Closing Spotify.", "close_app Spotify"),
      Commanded("open Microsoft Visual Studio Code", "Opening Visual Studio Code.", "open_app Visual Studio Code"),
      Commanded("open the app monday.com", "Opening monday.com.", "open_app monday.com"),
      Commanded("open the web browser", "Opening Safari.", "open_app Safari"),
      Commanded("open notes, please, and thank you", "Opening Notes.", "open_app Notes"),
      Commanded("thanks so much, open the mail", "Opening Mail.", "open_app Mail"),
      Commanded("open pages", "Opening Pages.", "open_app Pages"),
    ])
  func english(row: Commanded) async throws {
    let outcome = try await askOffline(row.prompt)
    #expect(outcome.text == row.reply)
    #expect(outcome.calls == [row.call])
  }

  @Test(
    "opens and closes what is named in Russian",
    arguments: [
      Commanded("открой Safari", "Открываю Safari.", "open_app Safari"),
      Commanded("открой сафари", "Открываю сафари.", "open_app Safari"),
      Commanded("Откройте, пожалуйста, почту.", "Открываю почту.", "open_app Mail"),
      Commanded("можешь открыть Safari", "Открываю Safari.", "open_app Safari"),
      Commanded("не могли бы вы открыть заметки", "Открываю заметки.", "open_app Notes"),
      Commanded("запусти хром", "Открываю хром.", "open_app Google Chrome"),
      Commanded("запустите приложение Телеграм", "Открываю Телеграм.", "open_app Telegram"),
      Commanded("включи музыку", "Открываю музыку.", "open_app Music"),
      Commanded("эй Нэкси, открой календарь", "Открываю календарь.", "open_app Calendar"),
      Commanded("Нэкси открой-ка настройки", "Открываю настройки.", "open_app System Settings"),
      Commanded("спасибо, открой сафари", "Открываю сафари.", "open_app Safari"),
      Commanded("привет, как дела, открой терминал", "Открываю терминал.", "open_app Terminal"),
      Commanded("привет открой терминал", "Открываю терминал.", "open_app Terminal"),
      Commanded("открой калькулятор пожалуйста", "Открываю калькулятор.", "open_app Calculator"),
      Commanded("открой мне фото", "Открываю фото.", "open_app Photos"),
      Commanded("открой сообщения", "Открываю сообщения.", "open_app Messages"),
      Commanded("открой карты", "Открываю карты.", "open_app Maps"),
      Commanded("покажи напоминания", "Открываю напоминания.", "open_app Reminders"),
      Commanded("открой просмотр", "Открываю просмотр.", "open_app Preview"),
      Commanded("открой превью", "Открываю превью.", "open_app Preview"),
      Commanded("открой finder", "Открываю Finder.", "open_app Finder"),
      Commanded("открой Visual Studio Code", "Открываю Visual Studio Code.", "open_app Visual Studio Code"),
      Commanded("открой гугл хром", "Открываю гугл хром.", "open_app Google Chrome"),
      Commanded("открой программу «Лайтрум»", "Открываю Лайтрум.", "open_app Лайтрум"),
      Commanded("открой приложение под названием bear", "Открываю Bear.", "open_app Bear"),
      Commanded("я хочу открыть браузер Сафари", "Открываю Сафари.", "open_app Safari"),
      Commanded("сафари открой", "Открываю сафари.", "open_app Safari"),
      Commanded("открой браузер", "Открываю браузер.", "open_app Safari"),
      Commanded("открой игру Майнкрафт", "Открываю Майнкрафт.", "open_app Майнкрафт"),
      Commanded("закрой сафари", "Закрываю сафари.", "close_app Safari"),
      Commanded("закройте почту", "Закрываю почту.", "close_app Mail"),
      Commanded("выключи музыку", "Закрываю музыку.", "close_app Music"),
      Commanded("заверши Telegram", "Закрываю Telegram.", "close_app Telegram"),
      Commanded("завершите работу терминала", "Закрываю терминал.", "close_app Terminal"),
      Commanded("выйди из телеграма", "Закрываю телеграм.", "close_app Telegram"),
      Commanded("можно закрыть приложение заметки", "Закрываю заметки.", "close_app Notes"),
      Commanded("завершите работу почты", "Закрываю почту.", "close_app Mail"),
      Commanded("выйди из настроек", "Закрываю настройки.", "close_app System Settings"),
      Commanded("выйди из часов", "Закрываю часы.", "close_app Clock"),
      Commanded("выйди из ворда", "Закрываю ворд.", "close_app Microsoft Word"),
      Commanded("закрой телегу", "Закрываю телегу.", "close_app Telegram"),
      Commanded("открой слэк", "Открываю слэк.", "open_app Slack"),
      Commanded("открой почта", "Открываю почту.", "open_app Mail"),
      Commanded("открой адресную книгу", "Открываю адресную книгу.", "open_app Contacts"),
      Commanded("ОТКРОЙ КАЛЕНДАРЬ", "Открываю календарь.", "open_app Calendar"),
      Commanded("открой ка мне вк", "Открываю вк.", "open_app VK"),
      Commanded("открой гугл chrome", "Открываю Google Chrome.", "open_app Google Chrome"),
      Commanded("давай откроем сафари", "Открываю сафари.", "open_app Safari"),
      Commanded("можно тебя попросить открыть заметки", "Открываю заметки.", "open_app Notes"),
      Commanded("открой голосовые заметки заранее спасибо", "Открываю голосовые заметки.", "open_app Voice Memos"),
      Commanded("зайди на ютуб", "Открываю ютуб.", "open_app YouTube"),
      Commanded("открой приложение Букинг.ком", "Открываю Букинг.ком.", "open_app Букинг.ком"),
    ])
  func russian(row: Commanded) async throws {
    let outcome = try await askOffline(row.prompt)
    #expect(outcome.text == row.reply)
    #expect(outcome.calls == [row.call])
  }

  @Test(
    "does the first of several things and says so",
    arguments: [
      Commanded(
        "open Safari and Mail", "Opening Safari. I do one thing at a time, so ask me for the rest separately.",
        "open_app Safari"),
      Commanded(
        "Open Safari. What time is it?", "Opening Safari. I do one thing at a time, so ask me for the rest separately.",
        "open_app Safari"),
      Commanded(
        "open Foobar, then Safari",
        "Opening Foobar. I do one thing at a time, so ask me for the rest separately.", "open_app Foobar"),
      Commanded(
        "закрой почту и открой сафари",
        "Закрываю почту. Я выполняю по одной просьбе, об остальном попросите отдельно.", "close_app Mail"),
    ])
  func several(row: Commanded) async throws {
    let outcome = try await askOffline(row.prompt)
    #expect(outcome.text == row.reply)
    #expect(outcome.calls == [row.call])
  }

  @Test(
    "does the first of several things of different kinds and says so",
    arguments: [
      Commanded(
        "what time is it and open Safari", "It's 3:05 PM. I do one thing at a time, so ask me for the rest separately.",
        ""),
      Commanded(
        "2 + 2, and what's the date", "2 plus 2 is 4. I do one thing at a time, so ask me for the rest separately.",
        ""),
      Commanded(
        "open Safari and go to example.com",
        "Opening Safari. I do one thing at a time, so ask me for the rest separately.", "open_app Safari"),
      Commanded(
        "который час и открой почту",
        "Сейчас 15 часов 5 минут. Я выполняю по одной просьбе, об остальном попросите отдельно.", ""),
      Commanded(
        "открой заметки и скажи время",
        "Открываю заметки. Я выполняю по одной просьбе, об остальном попросите отдельно.", "open_app Notes"),
    ])
  func severalKinds(row: Commanded) async throws {
    let outcome = try await askOffline(row.prompt)
    #expect(outcome.text == row.reply)
    #expect(outcome.calls.joined() == row.call)
  }

  @Test(
    "opens applications and no web pages",
    arguments: [
      "open https://example.com", "open example.com", "Open example.com.", "go to google.com", "open Google dot com",
      "visit bbc.co.uk", "open the BBC website", "open www.bbc.com/news please", "close the website",
      "can you open the Wikipedia page", "navigate to github.com", "open Mail.ru", "open the link",
    ])
  func webPages(prompt: String) async throws {
    let outcome = try await askOffline(prompt)
    #expect(outcome.calls.isEmpty)
    #expect(outcome.text.hasPrefix("Without a language model I can open applications, but not web pages."))
  }

  @Test(
    "opens applications and no web pages, in Russian",
    arguments: [
      "открой сайт яндекс", "открой google.com", "открой гугл точка ком", "Открой, пожалуйста, https://ya.ru/news",
      "перейди на сайт госуслуг", "зайди на яндекс точка ру", "открой страницу википедии", "закрой сайт",
      "можешь открыть веб-сайт сбербанка", "запусти пример.рф", "перейди по ссылке", "покажи сайт погоды",
    ])
  func webPagesInRussian(prompt: String) async throws {
    let outcome = try await askOffline(prompt)
    #expect(outcome.calls.isEmpty)
    #expect(outcome.text.hasPrefix("Без языковой модели я могу открывать приложения, но не страницы в интернете."))
  }

  @Test(
    "asks which application when none is named",
    arguments: [
      Spoken("open", "Which application should I open?"),
      Spoken("Open, please", "Which application should I open?"),
      Spoken("can you open applications", "Which application should I open?"),
      Spoken("open the app", "Which application should I open?"),
      Spoken("close all applications", "Which application should I close?"),
      Spoken("close", "Which application should I close?"),
      Spoken("quit", "Which application should I close?"),
      Spoken("открой", "Какое приложение открыть?"),
      Spoken("открой приложение", "Какое приложение открыть?"),
      Spoken("закрой пожалуйста", "Какое приложение закрыть?"),
    ])
  func unnamed(row: Spoken) async throws {
    #expect(try await askOffline(row.prompt) == OfflineOutcome(text: row.reply, calls: [], deltas: 1))
  }

  @Test(
    "opens and closes nothing when the words mean something else",
    arguments: [
      "open question", "how do I open an account", "what time does the store open", "is Safari open",
      "I want to open an account",
      "open source software", "open the door", "close enough", "the store is open", "when does the bank close",
      "run away", "start over",
      "run for president", "open it", "close this window", "show me a picture of a cat", "start a timer",
      "turn off the light", "stop the bus", "opening hours", "who runs Google", "why did you close Safari",
      "go to the store", "I opened Safari", "never open Safari", "don't close Safari",
      "как открыть счет в банке", "хочу открыть счет", "когда открывается магазин", "не открывай сафари",
      "кто открыл америку",
      "открой окно", "включи свет", "выключи компьютер", "закрой дверь", "покажи фокус", "открытый вопрос",
      "магазин закрыт",
      "сколько стоит открыть бизнес", "почему закрылась почта", "завершение работы", "open main.py",
      "открой report.docx",
      "don't open Safari and what time is it", "open the door and open Safari", "включи громкость на максимум",
    ])
  func notCommands(prompt: String) async throws {
    let outcome = try await askOffline(prompt)
    #expect(outcome.calls.isEmpty)
    #expect(outcome.text.contains("GEMINI_API_KEY"), "\(outcome.text)")
  }
}
