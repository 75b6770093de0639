import Foundation
import NexyCore
import Testing

@testable import NexyProviders

@Suite("Offline clock and calendar")
struct OfflineClockTests {
  @Test(
    "tells the time in English however it is asked",
    arguments: [
      "what time is it", "What time is it?", "what's the time", "Whats the time", "what’s the time", "time",
      "the time please",
      "current time", "tell me the time", "can you tell me what time it is", "do you know what time it is",
      "do you have the time", "hello, what time is it?", "hey Nexy what time is it now", "what is the time right now",
      "Nexy, time", "show me the time", "good morning, could you tell me the time please", "thanks, what time is it",
      "hello, how are you, what time is it", "could you maybe tell me the time", "pls tell me the time",
      "would it be possible to know the time, thank you so much",
    ])
  func englishTime(prompt: String) async throws {
    #expect(try await askOffline(prompt).text == "It's 3:05 PM.")
  }

  @Test(
    "tells the time in Russian however it is asked",
    arguments: [
      "который час", "Который час?", "сколько времени", "сколько сейчас времени", "время", "сколько время",
      "который сейчас час", "скажи время", "подскажи, пожалуйста, сколько времени", "скажите который час",
      "привет, сколько времени", "эй Нэкси который час", "какое сейчас время", "текущее время", "точное время",
      "ты знаешь который час", "не подскажете сколько времени", "покажи время", "а сколько сейчас времени",
      "сколько сейчас времени скажи пожалуйста", "время скажи", "скока щас времени", "который щас час", "время какое",
    ])
  func russianTime(prompt: String) async throws {
    #expect(try await askOffline(prompt).text == "Сейчас 15 часов 5 минут.")
  }

  @Test(
    "says every time of day as people do",
    arguments: [
      ("00:00", "It's midnight.", "Сейчас ровно 0 часов."),
      ("00:01", "It's 12:01 AM.", "Сейчас 0 часов 1 минута."),
      ("01:02", "It's 1:02 AM.", "Сейчас 1 час 2 минуты."),
      ("02:11", "It's 2:11 AM.", "Сейчас 2 часа 11 минут."),
      ("05:21", "It's 5:21 AM.", "Сейчас 5 часов 21 минута."),
      ("09:00", "It's 9 AM.", "Сейчас ровно 9 часов."),
      ("11:12", "It's 11:12 AM.", "Сейчас 11 часов 12 минут."),
      ("12:00", "It's noon.", "Сейчас ровно 12 часов."),
      ("12:34", "It's 12:34 PM.", "Сейчас 12 часов 34 минуты."),
      ("15:00", "It's 3 PM.", "Сейчас ровно 15 часов."),
      ("21:41", "It's 9:41 PM.", "Сейчас 21 час 41 минута."),
      ("22:22", "It's 10:22 PM.", "Сейчас 22 часа 22 минуты."),
      ("23:59", "It's 11:59 PM.", "Сейчас 23 часа 59 минут."),
    ])
  func timesOfDay(time: String, english: String, russian: String) async throws {
    #expect(try await askOffline("time", at: "2026-11-21T\(time):00Z").text == english)
    #expect(try await askOffline("время", at: "2026-11-21T\(time):00Z").text == russian)
  }

  @Test(
    "tells the day that is asked for",
    arguments: [
      Spoken("what's the date", "Today is Saturday, November 21, 2026."),
      Spoken("what is the date today", "Today is Saturday, November 21, 2026."),
      Spoken("what day is it", "Today is Saturday, November 21, 2026."),
      Spoken("what day is it today?", "Today is Saturday, November 21, 2026."),
      Spoken("what day of the week is it", "Today is Saturday, November 21, 2026."),
      Spoken("today's date", "Today is Saturday, November 21, 2026."),
      Spoken("tell me today's date please", "Today is Saturday, November 21, 2026."),
      Spoken("date", "Today is Saturday, November 21, 2026."),
      Spoken("what year is it", "Today is Saturday, November 21, 2026."),
      Spoken("hello, what's the date?", "Today is Saturday, November 21, 2026."),
      Spoken("tomorrow", "Tomorrow is Sunday, November 22, 2026."),
      Spoken("what day is tomorrow", "Tomorrow is Sunday, November 22, 2026."),
      Spoken("what's tomorrow's date", "Tomorrow is Sunday, November 22, 2026."),
      Spoken("and what day will it be tomorrow", "Tomorrow is Sunday, November 22, 2026."),
      Spoken("what day was it yesterday", "Yesterday was Friday, November 20, 2026."),
      Spoken("yesterday", "Yesterday was Friday, November 20, 2026."),
      Spoken("what is the day after tomorrow", "The day after tomorrow is Monday, November 23, 2026."),
      Spoken("what was the day before yesterday", "The day before yesterday was Thursday, November 19, 2026."),
      Spoken("какое сегодня число", "Сегодня суббота, 21 ноября 2026 года."),
      Spoken("Какое сегодня число?", "Сегодня суббота, 21 ноября 2026 года."),
      Spoken("какой сегодня день", "Сегодня суббота, 21 ноября 2026 года."),
      Spoken("какой день недели", "Сегодня суббота, 21 ноября 2026 года."),
      Spoken("какой сегодня день недели", "Сегодня суббота, 21 ноября 2026 года."),
      Spoken("что сегодня за день", "Сегодня суббота, 21 ноября 2026 года."),
      Spoken("сегодняшняя дата", "Сегодня суббота, 21 ноября 2026 года."),
      Spoken("скажи дату", "Сегодня суббота, 21 ноября 2026 года."),
      Spoken("какой сейчас год", "Сегодня суббота, 21 ноября 2026 года."),
      Spoken("Нэкси, подскажи, какое сегодня число", "Сегодня суббота, 21 ноября 2026 года."),
      Spoken("завтра", "Завтра воскресенье, 22 ноября 2026 года."),
      Spoken("какое завтра число", "Завтра воскресенье, 22 ноября 2026 года."),
      Spoken("а какой день будет завтра", "Завтра воскресенье, 22 ноября 2026 года."),
      Spoken("вчера", "Вчера была пятница, 20 ноября 2026 года."),
      Spoken("какой вчера был день", "Вчера была пятница, 20 ноября 2026 года."),
      Spoken("послезавтра", "Послезавтра понедельник, 23 ноября 2026 года."),
      Spoken("what day is it going to be tomorrow", "Tomorrow is Sunday, November 22, 2026."),
      Spoken("what year are we in", "Today is Saturday, November 21, 2026."),
      Spoken("какое сегодня число по календарю", "Сегодня суббота, 21 ноября 2026 года."),
      Spoken("какое число было позавчера", "Позавчера был четверг, 19 ноября 2026 года."),
    ])
  func days(row: Spoken) async throws {
    #expect(try await askOffline(row.prompt).text == row.reply)
  }

  @Test(
    "answers two questions that are joined",
    arguments: [
      Spoken("what's the time and date", "It's 3:05 PM. Today is Saturday, November 21, 2026."),
      Spoken("today and tomorrow", "Today is Saturday, November 21, 2026. Tomorrow is Sunday, November 22, 2026."),
      Spoken("который час и какое сегодня число", "Сейчас 15 часов 5 минут. Сегодня суббота, 21 ноября 2026 года."),
    ])
  func joined(row: Spoken) async throws {
    #expect(try await askOffline(row.prompt).text == row.reply)
  }

  @Test(
    "says each weekday and month in its grammatical form",
    arguments: [
      ("2026-01-05", "Вчера было воскресенье, 4 января 2026 года.", "Yesterday was Sunday, January 4, 2026."),
      ("2026-02-03", "Вчера был понедельник, 2 февраля 2026 года.", "Yesterday was Monday, February 2, 2026."),
      ("2026-05-13", "Вчера был вторник, 12 мая 2026 года.", "Yesterday was Tuesday, May 12, 2026."),
      ("2026-08-06", "Вчера была среда, 5 августа 2026 года.", "Yesterday was Wednesday, August 5, 2026."),
      ("2028-03-01", "Вчера был вторник, 29 февраля 2028 года.", "Yesterday was Tuesday, February 29, 2028."),
      ("2027-01-01", "Вчера был четверг, 31 декабря 2026 года.", "Yesterday was Thursday, December 31, 2026."),
    ])
  func weekdays(day: String, russian: String, english: String) async throws {
    #expect(try await askOffline("вчера", at: "\(day)T12:00:00Z").text == russian)
    #expect(try await askOffline("yesterday", at: "\(day)T12:00:00Z").text == english)
  }

  @Test("tells time and date at the listener's place")
  func timeZone() async throws {
    let moscow = try #require(TimeZone(secondsFromGMT: 3 * 3600))
    #expect(try await askOffline("time", at: "2026-11-21T22:30:00Z", timeZone: moscow).text == "It's 1:30 AM.")
    #expect(
      try await askOffline("дата", at: "2026-11-21T22:30:00Z", timeZone: moscow).text
        == "Сегодня воскресенье, 22 ноября 2026 года.")
  }

  @Test("counts days across a change of the clocks")
  func clockChange() async throws {
    let berlin = try #require(TimeZone(identifier: "Europe/Berlin"))
    #expect(
      try await askOffline("tomorrow", at: "2026-10-24T22:30:00Z", timeZone: berlin).text
        == "Tomorrow is Monday, October 26, 2026.")
  }

  @Test(
    "tells neither time nor date when the words mean something else",
    arguments: [
      "what time does the store open", "время приготовления борща", "time flies", "what time is it in Tokyo",
      "how much time is left", "what is the date of the battle of Hastings", "what a day",
      "the day of the week after next",
      "what happened yesterday", "what will I do tomorrow", "remind me tomorrow", "date and wife", "year",
      "what day is Christmas", "what is time travel", "it was the best of times", "day",
      "сколько времени варить яйцо", "какая завтра погода", "что было вчера", "что будет завтра", "время не ждет",
      "в котором часу закрывается банк", "какой сегодня день рождения", "день", "год", "число пи",
      "сколько времени в Токио", "позвони маме завтра", "какой сегодня праздник", "вчера было хорошо",
    ])
  func notClock(prompt: String) async throws {
    let reply = try await askOffline(prompt).text
    #expect(reply.contains("GEMINI_API_KEY"), "\(reply)")
  }
}
