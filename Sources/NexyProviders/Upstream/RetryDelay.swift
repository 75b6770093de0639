import NIOHTTP1

/// How long an answer asks to wait before the next call.
package enum RetryDelay {
  /// No more than a day is believed.
  private static let longest: Int64 = 86_400

  /// From `Retry-After`, as seconds or as a date (RFC 9110, section 10.2.3,
  /// https://www.rfc-editor.org/rfc/rfc9110.html#section-10.2.3), or from OpenAI's finer `retry-after-ms`.
  ///
  /// A date counts from the answer's own `Date`, so that no clock has to be right; without one it says nothing.
  package static func asked(by headers: HTTPHeaders) -> Duration? {
    if let text = headers.first(name: "retry-after-ms"), let milliseconds = Int64(text), milliseconds >= 0 {
      return .milliseconds(min(milliseconds, longest * 1000))
    }
    guard let text = headers.first(name: "retry-after") else { return nil }
    if let seconds = Int64(text) { return seconds < 0 ? nil : .seconds(min(seconds, longest)) }
    guard let then = secondsOfDate(text), let now = headers.first(name: "date").flatMap(secondsOfDate) else {
      return nil
    }
    return .seconds(min(max(then - now, 0), longest))
  }

  /// From `17s` or `1.5s`, which is how JSON spells a `google.protobuf.Duration`
  /// (https://protobuf.dev/programming-guides/json/).
  package static func ofProtobuf(_ text: String) -> Duration? {
    guard text.last == "s", let seconds = Double(text.dropLast()), seconds >= 0 else { return nil }
    return .seconds(min(seconds, Double(longest)))
  }

  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// Seconds since 1970 of `Sun, 06 Nov 1994 08:49:37 GMT`, the one form of a date that senders may use (RFC 9110,
  /// section 5.6.7).
  static func secondsOfDate(_ text: String) -> Int64? {
    let parts = text.split { " ,:".contains($0) }
    guard parts.count == 8, parts[7] == "GMT", let month = months.firstIndex(where: { $0 == parts[2] }),
      let day = Int64(parts[1]), (1...31).contains(day), let year = Int64(parts[3]), (1970...9999).contains(year),
      let hour = Int64(parts[4]), (0...23).contains(hour), let minute = Int64(parts[5]), (0...59).contains(minute),
      let second = Int64(parts[6]), (0...60).contains(second)
    else { return nil }
    // Counted from March, the leap day is a year's last.
    let marchYear = month < 2 ? year - 1 : year
    let marchMonth = Int64((month + 10) % 12)
    let days = 365 * marchYear + marchYear / 4 - marchYear / 100 + marchYear / 400
    let dayOfEpoch = days + (153 * marchMonth + 2) / 5 + day - 1 - 719_468
    return ((dayOfEpoch * 24 + hour) * 60 + minute) * 60 + second
  }
}
