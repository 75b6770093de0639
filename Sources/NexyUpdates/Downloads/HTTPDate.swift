/// Dates as header fields tell them, <https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7>.
package enum HTTPDate {
  private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
  private static let secondsOfDay: Int64 = 86_400
  /// The last second of the year 9999: the format has four digits for a year.
  private static let latest: Int64 = 253_402_300_799

  /// Such as `Sun, 06 Nov 1994 08:49:37 GMT`; times before 1970 and after 9999 are told as these.
  ///
  /// - Parameter seconds: Since 1970, UTC.
  package static func text(_ seconds: Int64) -> String {
    let seconds = min(max(seconds, 0), latest)
    let (day, rest) = (seconds / secondsOfDay, seconds % secondsOfDay)
    let date = civil(day)
    return """
      \(days[Int((day + 4) % 7)]), \(two(date.day)) \(months[Int(date.month) - 1]) \(date.year < 1000 ? "0" : "")\
      \(date.year) \(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60)) GMT
      """
  }

  /// Seconds since 1970, UTC, of any of the three forms that a recipient must accept; nil for everything else.
  package static func seconds(_ text: String) -> Int64? {
    guard text.utf8.count <= 40 else { return nil }
    let words = text.split { " ,-:".contains($0) }
    // `Sun, 06 Nov 1994 08:49:37 GMT` and `Sunday, 06-Nov-94 08:49:37 GMT`, or `Sun Nov  6 08:49:37 1994`.
    let order: (day: Int, month: Int, year: Int, hour: Int)
    switch words.count {
    case 8 where words[7] == "GMT": order = (1, 2, 3, 4)
    case 7: order = (2, 1, 6, 3)
    default: return nil
    }
    guard days.contains(String(words[0].prefix(3))),
      let month = months.firstIndex(of: String(words[order.month])),
      let day = number(words[order.day], in: 1...31), let written = number(words[order.year], in: 0...9999),
      let hour = number(words[order.hour], in: 0...23), let minute = number(words[order.hour + 1], in: 0...59),
      let second = number(words[order.hour + 2], in: 0...60)
    else { return nil }
    let year = words[order.year].utf8.count == 2 ? (written < 70 ? 2000 : 1900) + written : written
    return dayNumber(year, Int64(month) + 1, day) * secondsOfDay + hour * 3600 + minute * 60 + second
  }

  private static func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }

  private static func number(_ word: Substring, in range: ClosedRange<Int64>) -> Int64? {
    guard word.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let value = Int64(word),
      range.contains(value)
    else { return nil }
    return value
  }

  // Days and dates of the Gregorian calendar, in years that begin in March so that the leap day is a year's last:
  // https://howardhinnant.github.io/date_algorithms.html

  private static func civil(_ day: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = day + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }

  private static func dayNumber(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}
