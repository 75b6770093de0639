import NexyCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A moment at the listener's place, said in words.
struct SpokenClock: Sendable {
  private let moment: Date
  private let calendar: Calendar

  init(_ moment: Date, timeZone: TimeZone) {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = timeZone
    self.moment = moment
    self.calendar = calendar
  }

  func answer(to question: ClockQuestion, in language: Language) -> String {
    switch question {
    case .time: time(in: language)
    case .day(let offset): day(offset, in: language)
    }
  }

  // MARK: - Time

  private func time(in language: Language) -> String {
    let parts = calendar.dateComponents([.hour, .minute], from: moment)
    let (hour, minute) = (parts.hour ?? 0, parts.minute ?? 0)
    return switch language {
    case .english: "It's \(Self.englishTime(hour, minute))."
    case .russian: "Сейчас \(Self.russianTime(hour, minute))."
    }
  }

  private static func englishTime(_ hour: Int, _ minute: Int) -> String {
    // Noon and midnight by name: hardly anyone is sure which of them 12 AM is.
    if minute == 0, hour % 12 == 0 { return hour == 0 ? "midnight" : "noon" }
    let clockHour = hour % 12 == 0 ? 12 : hour % 12
    let minutes = minute == 0 ? "" : minute < 10 ? ":0\(minute)" : ":\(minute)"
    return "\(clockHour)\(minutes) \(hour < 12 ? "AM" : "PM")"
  }

  private static func russianTime(_ hour: Int, _ minute: Int) -> String {
    let hours = "\(hour) \(RussianPlural.hour.form(for: hour))"
    return minute == 0 ? "ровно \(hours)" : "\(hours) \(minute) \(RussianPlural.minute.form(for: minute))"
  }

  // MARK: - Days

  private func day(_ offset: Int, in language: Language) -> String {
    guard let day = calendar.date(byAdding: .day, value: offset, to: moment) else { return "" }
    let parts = calendar.dateComponents([.weekday, .day, .month, .year], from: day)
    let (weekday, month) = ((parts.weekday ?? 1) - 1, (parts.month ?? 1) - 1)
    let (number, year) = (parts.day ?? 1, parts.year ?? 1)
    switch language {
    case .english:
      let date = "\(Self.englishWeekdays[weekday]), \(Self.englishMonths[month]) \(number), \(year)"
      return "\(Self.englishDay(offset)) \(date)."
    case .russian:
      let date = "\(Self.russianWeekdays[weekday]), \(number) \(Self.russianMonths[month]) \(year) года"
      return "\(Self.russianDay(offset, weekday: weekday)) \(date)."
    }
  }

  private static func englishDay(_ offset: Int) -> String {
    switch offset {
    case ..<(-1): "The day before yesterday was"
    case -1: "Yesterday was"
    case 0: "Today is"
    case 1: "Tomorrow is"
    default: "The day after tomorrow is"
    }
  }

  private static func russianDay(_ offset: Int, weekday: Int) -> String {
    switch offset {
    case ..<(-1): "Позавчера \(russianWas[weekday])"
    case -1: "Вчера \(russianWas[weekday])"
    case 0: "Сегодня"
    case 1: "Завтра"
    default: "Послезавтра"
    }
  }

  // All weeks start on Sunday, as the calendar counts its weekdays.
  private static let englishWeekdays = [
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
  ]
  private static let russianWeekdays = [
    "воскресенье", "понедельник", "вторник", "среда", "четверг", "пятница", "суббота",
  ]
  /// "Was", in the gender of each weekday.
  private static let russianWas = ["было", "был", "был", "была", "был", "была", "была"]
  private static let englishMonths = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ]
  /// Months in the genitive, as a date says them.
  private static let russianMonths = [
    "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
    "декабря",
  ]
}
