/// Moments as text, `2026-03-05T07:08:09.120Z` (ISO 8601): by arithmetic alone, without a calendar or a time zone of the
/// machine.
package enum ISO8601 {
  /// The text of a moment in UTC, to the second.
  package static func text(seconds: Int64) -> String {
    let day = seconds.flooredQuotient(86_400)
    let second = seconds - day * 86_400
    let (year, month, dayOfMonth) = civil(day: day)
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))"
      + "T\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))Z"
  }

  /// The text of a moment in UTC, to the millisecond.
  package static func text(milliseconds: Int64) -> String {
    let seconds = milliseconds.flooredQuotient(1000)
    return "\(text(seconds: seconds).dropLast()).\(padded(milliseconds - seconds * 1000, 3))Z"
  }

  /// Seconds since 1970, rounded down; see `milliseconds(of:)`.
  package static func seconds(of text: some StringProtocol) -> Int64? {
    milliseconds(of: text)?.flooredQuotient(1000)
  }

  /// Milliseconds since 1970 of a date (then midnight), or a date and a time with minutes, seconds and a fraction as far
  /// as they are given; with `Z`, an offset such as `+03:00`, or nothing, which is UTC.
  package static func milliseconds(of text: some StringProtocol) -> Int64? {
    var rest = Array(text.utf8)[...]
    guard let year = number(&rest, 4), take(&rest, "-"), let month = number(&rest, 2), take(&rest, "-"),
      let dayOfMonth = number(&rest, 2), (1...12).contains(month),
      (1...length(ofMonth: month, year: year)).contains(dayOfMonth)
    else { return nil }
    let midnight = day(year: year, month: month, dayOfMonth: dayOfMonth) * 86_400_000
    if rest.isEmpty { return midnight }
    guard take(&rest, "T"), let hour = number(&rest, 2), hour < 24, take(&rest, ":"),
      let minute = number(&rest, 2), minute < 60
    else { return nil }
    var time = (hour * 60 + minute) * 60_000
    if take(&rest, ":") {
      guard let second = number(&rest, 2), second < 60, let fraction = fraction(&rest) else { return nil }
      time += second * 1000 + fraction
    }
    guard let offset = offset(&rest), rest.isEmpty else { return nil }
    return midnight + time - offset
  }

  // MARK: - Parts

  /// Milliseconds of `.123456`, 0 when there is none, nil when there are no digits or more than nine.
  private static func fraction(_ rest: inout ArraySlice<UInt8>) -> Int64? {
    guard take(&rest, ".") else { return 0 }
    let digits = rest.prefix { isDigit($0) }
    guard (1...9).contains(digits.count), let value = Int64(String(decoding: digits, as: UTF8.self)) else { return nil }
    rest = rest.dropFirst(digits.count)
    return digits.count <= 3 ? value * power(3 - digits.count) : value / power(digits.count - 3)
  }

  /// Milliseconds that the local time is ahead of UTC.
  private static func offset(_ rest: inout ArraySlice<UInt8>) -> Int64? {
    if rest.isEmpty || take(&rest, "Z") { return 0 }
    let sign: Int64
    if take(&rest, "+") { sign = 1 } else if take(&rest, "-") { sign = -1 } else { return nil }
    guard let hours = number(&rest, 2), hours < 24 else { return nil }
    if rest.isEmpty { return sign * hours * 3_600_000 }
    _ = take(&rest, ":")
    guard let minutes = number(&rest, 2), minutes < 60 else { return nil }
    return sign * (hours * 60 + minutes) * 60_000
  }

  private static func number(_ rest: inout ArraySlice<UInt8>, _ count: Int) -> Int64? {
    let digits = rest.prefix(count)
    guard digits.count == count, digits.allSatisfy(isDigit) else { return nil }
    rest = rest.dropFirst(count)
    return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
  }

  private static func take(_ rest: inout ArraySlice<UInt8>, _ mark: Unicode.Scalar) -> Bool {
    guard rest.first == UInt8(ascii: mark) else { return false }
    rest = rest.dropFirst()
    return true
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  private static func power(_ exponent: Int) -> Int64 { (0..<exponent).reduce(1) { result, _ in result * 10 } }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = "\(number)"
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }

  // MARK: - The calendar

  // Days since 1970 and back, after "chrono-Compatible Low-Level Date Algorithms"
  // (https://howardhinnant.github.io/date_algorithms.html): a year begins in March, so that leap days end it.

  private static func day(year: Int64, month: Int64, dayOfMonth: Int64) -> Int64 {
    let year = month <= 2 ? year - 1 : year
    let era = year.flooredQuotient(400)
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + dayOfMonth - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func civil(day: Int64) -> (year: Int64, month: Int64, dayOfMonth: Int64) {
    let day = day + 719_468
    let era = day.flooredQuotient(146_097)
    let dayOfEra = day - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted + (shifted < 10 ? 3 : -9)
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
  }

  private static func length(ofMonth month: Int64, year: Int64) -> Int64 {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return switch month {
    case 2: isLeap ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

extension Int64 {
  /// The quotient rounded down, also for numbers below 0.
  fileprivate func flooredQuotient(_ divisor: Int64) -> Int64 {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }
}
