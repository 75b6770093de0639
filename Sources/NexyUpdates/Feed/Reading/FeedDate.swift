/// A feed's `pubDate`, in the format that Sparkle reads: `E, dd MMM yyyy HH:mm:ss Z` in English.
///
/// Like Apple's date formatter it takes a wrong weekday, any case, one digit where two belong and several spaces; it
/// wants all six parts, a year of four digits, and a zone as `+0200`, `+02:00`, `GMT`, `UTC`, `UT` or `Z`.
package enum FeedDate {
  private static let weekdays = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
  private static let months = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
  ]

  /// Seconds since 1970, UTC.
  /// - Returns: nil when Sparkle could not read it; it then shows no date and skips no group of a phased rollout.
  package static func seconds(_ text: String) -> Int64? {
    guard text.utf8.last != UInt8(ascii: " "), text.utf8.count <= 64 else { return nil }
    let parts = text.lowercased().split(separator: " ").map(String.init)
    guard parts.count == 6, parts[0].last == ",", position(of: String(parts[0].dropLast()), in: weekdays) != nil,
      let day = number(parts[1], digits: 1...2), let month = position(of: parts[2], in: months),
      let year = number(parts[3], digits: 4...4), let clock = clock(parts[4]), let zone = zone(parts[5]),
      (1...daysIn(month: month, year: year)).contains(day)
    else { return nil }
    return Int64(days(year: year, month: month, day: day) * 86_400 + clock - zone)
  }

  /// The 1-based position of a name, in full or as its first three letters.
  private static func position(of name: String, in names: [String]) -> Int? {
    names.firstIndex { $0 == name || $0.prefix(3) == name }.map { $0 + 1 }
  }

  private static func number(_ text: some StringProtocol, digits: ClosedRange<Int>) -> Int? {
    guard digits.contains(text.utf8.count), text.utf8.allSatisfy(DigitString.isDigit) else { return nil }
    return Int(text)
  }

  private static func clock(_ text: String) -> Int? {
    let fields = text.split(separator: ":", omittingEmptySubsequences: false).map { number($0, digits: 1...2) }
    guard fields.count == 3, let hour = fields[0], let minute = fields[1], let second = fields[2],
      hour < 24, minute < 60, second < 60
    else { return nil }
    return hour * 3600 + minute * 60 + second
  }

  /// Seconds east of UTC.
  private static func zone(_ text: String) -> Int? {
    if ["gmt", "utc", "ut", "z"].contains(text) { return 0 }
    guard let sign = text.first, sign == "+" || sign == "-" else { return nil }
    var digits = text.dropFirst()
    if digits.utf8.count == 5, let colon = digits.firstIndex(of: ":"), digits[..<colon].utf8.count == 2 {
      digits.remove(at: colon)
    }
    guard let value = number(digits, digits: 4...4), value / 100 < 24, value % 100 < 60 else { return nil }
    let seconds = value / 100 * 3600 + value % 100 * 60
    return sign == "-" ? -seconds : seconds
  }

  private static func daysIn(month: Int, year: Int) -> Int {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return switch month {
    case 2: isLeap ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days since 1970-01-01 in the Gregorian calendar.
  private static func days(year: Int, month: Int, day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let monthFromMarch = (month + 9) % 12
    let leapDays = year / 4 - year / 100 + year / 400
    return year * 365 + leapDays + (153 * monthFromMarch + 2) / 5 + day - 1 - 719_468
  }
}
