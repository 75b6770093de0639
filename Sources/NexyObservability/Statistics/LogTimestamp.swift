/// Reads `2026-01-02T03:04:05.500+00:00`, as the log writes it, without a formatter.
enum LogTimestamp {
  /// Milliseconds since 1970 in UTC; nil when the bytes are no such time.
  ///
  /// The fraction may be missing or have up to nine digits; the zone is `Z` or hours and minutes from UTC.
  static func milliseconds(_ text: UnsafeRawBufferPointer) -> Int64? {
    guard text.count >= 20, text[4] == ascii("-"), text[7] == ascii("-"), text[10] == ascii("T"),
      text[13] == ascii(":"), text[16] == ascii(":"),
      let century = pair(text, 0), let year = pair(text, 2), let month = pair(text, 5), let day = pair(text, 8),
      let hour = pair(text, 11), let minute = pair(text, 14), let second = pair(text, 17),
      (1...12).contains(month), day >= 1, day <= days(in: month, of: century * 100 + year),
      hour < 24, minute < 60, second <= 60
    else { return nil }
    var at = 19
    guard let fraction = fraction(text, &at), let zone = zone(text, at) else { return nil }
    let seconds = epochDay(century * 100 + year, month, day) * 86_400 + hour * 3600 + (minute - zone) * 60 + second
    return Int64(seconds * 1000 + fraction)
  }

  private static func ascii(_ character: Unicode.Scalar) -> UInt8 { UInt8(ascii: character) }

  private static func pair(_ text: UnsafeRawBufferPointer, _ at: Int) -> Int? {
    let (tens, ones) = (text[at] &- 48, text[at + 1] &- 48)
    return tens < 10 && ones < 10 ? Int(tens) * 10 + Int(ones) : nil
  }

  /// Whole milliseconds; moves `at` behind the digits.
  private static func fraction(_ text: UnsafeRawBufferPointer, _ at: inout Int) -> Int? {
    guard text[at] == ascii(".") else { return 0 }
    var (value, digits) = (0, 0)
    at += 1
    while at < text.count, text[at] &- 48 < 10 {
      if digits < 3 { value = value * 10 + Int(text[at] - 48) }
      digits += 1
      at += 1
    }
    guard (1...9).contains(digits) else { return nil }
    for _ in digits..<max(digits, 3) { value *= 10 }
    return value
  }

  /// Minutes east of UTC.
  private static func zone(_ text: UnsafeRawBufferPointer, _ at: Int) -> Int? {
    guard at < text.count else { return nil }
    if text[at] == ascii("Z") { return at + 1 == text.count ? 0 : nil }
    guard at + 6 == text.count, text[at] == ascii("+") || text[at] == ascii("-"), text[at + 3] == ascii(":"),
      let hours = pair(text, at + 1), let minutes = pair(text, at + 4), hours < 24, minutes < 60
    else { return nil }
    return (hours * 60 + minutes) * (text[at] == ascii("-") ? -1 : 1)
  }

  private static func days(in month: Int, of year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days from 1970-01-01, by counting years from March so that a leap day is a year's last.
  private static func epochDay(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return year * 365 + year.floored(by: 4) - year.floored(by: 100) + year.floored(by: 400) + dayOfYear - 719_468
  }
}

extension Int {
  /// Division that rounds down, below zero as well.
  fileprivate func floored(by divisor: Int) -> Int { (self - (self % divisor + divisor) % divisor) / divisor }
}
