/// A question about the time or about a day, asked and nothing more.
enum ClockQuestion: Sendable, Equatable {
  case time
  /// A day, counted from today.
  case day(offset: Int)

  /// Reads a question, or two that are joined: "what's the time and date".
  static func readAll(_ words: ArraySlice<SpokenWord>) -> [ClockQuestion]? {
    if let question = read(words) { return [question] }
    guard let joint = words.firstIndex(where: { $0.key == "and" || $0.key == "и" }),
      let first = read(words[..<joint]), let second = read(words[(joint + 1)...])
    else { return nil }
    return [first, second]
  }

  private static func read(_ words: ArraySlice<SpokenWord>) -> ClockQuestion? {
    if timePhrases.contains(words) { return .time }
    if let offset = dayOffset(words) { return .day(offset: offset) }
    return nil
  }

  private static let timePhrases = PhraseSet(
    """
    time, the time, what time, what time is it, what time it is, what is the time, what the time is, whats time
    current time, the current time, what is the current time, what time is it today, what is the time today
    what is the time right now, what time do you have, do you have the time, have you got the time, got the time
    the exact time, exact time, what is the exact time, time check, clock, what is the local time, local time
    what is the hour, what hour is it, what does the clock say, check the time, what is time now
    время, времени, который час, который сейчас час, который час сейчас, какой час, какой сейчас час, сколько времени
    сколько сейчас времени, сколько времени сейчас, сколько время, сколько сейчас время, сколько на часах
    сколько сейчас на часах, сколько там времени, что на часах, какое время, какое сейчас время, какое время сейчас
    текущее время, точное время, местное время, время сейчас, какое точное время, час, сколько часов, который теперь час
    какой там час, какое там время, время какое, времени сколько, час какой, который час на часах
    сколько сейчас часов, сколько уже времени, сколько уже время, который уже час, который там час
    """)

  /// The day that is asked for, when the words make a question about a date or a weekday.
  private static func dayOffset(_ words: ArraySlice<SpokenWord>) -> Int? {
    if let offset = wholeDays[SpokenRequest.phrase(of: words)] { return offset }
    guard words.count > 1, words.count <= 10, words.allSatisfy({ isOfDayQuestion($0.key) }) else { return nil }
    let asksForDay = words.contains { dayNouns.contains($0.key) }
    let offsets = words.compactMap { relativeDays[$0.key] }
    let hasQuestion = words.contains { questionWords.contains($0.key) }
    guard asksForDay, hasQuestion || !offsets.isEmpty else { return nil }
    let phrase = SpokenRequest.phrase(of: words)
    if phrase.contains("day after tomorrow") { return 2 }
    if phrase.contains("day before yesterday") { return -2 }
    guard !words.contains(where: { $0.key == "after" || $0.key == "before" }) else { return nil }
    // "What day is it today" names today twice; "today and tomorrow" is more than one question.
    return Set(offsets).count > 1 ? nil : offsets.first ?? 0
  }

  private static func isOfDayQuestion(_ key: String) -> Bool {
    dayNouns.contains(key) || questionWords.contains(key) || relativeDays[key] != nil || joiningWords.contains(key)
  }

  /// Questions without a noun, which would ask for something else with one word more.
  private static let wholeDays: [String: Int] = [
    "date": 0, "the date": 0, "today": 0, "what is today": 0, "what is it today": 0, "what date": 0,
    "tomorrow": 1, "what is tomorrow": 1, "what about tomorrow": 1,
    "yesterday": -1, "what was yesterday": -1, "what about yesterday": -1,
    "the day of the week": 0, "day of the week": 0,
    "day after tomorrow": 2, "the day after tomorrow": 2, "day before yesterday": -2, "the day before yesterday": -2,
    "дата": 0, "число": 0, "сегодня": 0, "какое сегодня": 0, "день недели": 0, "дату": 0,
    "завтра": 1, "какое завтра": 1, "послезавтра": 2, "какое послезавтра": 2,
    "вчера": -1, "какое вчера": -1, "какое было вчера": -1, "позавчера": -2, "какое позавчера": -2,
  ]

  private static let dayNouns = PhraseSet(
    """
    date, day, weekday, month, year, число, числа, день, дня, дата, дату, даты, месяц, год, года
    """)

  private static let questionWords = PhraseSet(
    "what, which, current, какое, какой, какая, какую, какого, текущая, текущую, текущее")

  private static let relativeDays: [String: Int] = [
    "today": 0, "todays": 0, "tomorrow": 1, "tomorrows": 1, "yesterday": -1, "yesterdays": -1,
    "сегодня": 0, "сегодняшнее": 0, "сегодняшний": 0, "сегодняшняя": 0, "сегодняшнюю": 0, "сегодняшнего": 0,
    "завтра": 1, "завтрашнее": 1, "завтрашний": 1, "завтрашняя": 1, "завтрашнюю": 1, "завтрашнего": 1,
    "вчера": -1, "вчерашнее": -1, "вчерашний": -1, "вчерашняя": -1, "вчерашнюю": -1, "вчерашнего": -1,
    "послезавтра": 2, "позавчера": -2,
  ]

  private static let joiningWords = PhraseSet(
    """
    is, was, will, be, it, the, of, week, now, on, we, and, are, after, before, for, going, to, gonna, in, have, do
    недели, там, календарю, по, вообще, стоит, идет, же, ли, сейчас, был, было, была, будет, что, за, у, нас, и, это, на
    """)
}
