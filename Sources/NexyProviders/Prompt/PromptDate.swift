import Foundation

/// The date as a language model is told it.
package enum PromptDate {
  private static let days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ]

  /// Such as `Saturday, 21 November 2026, 12:05`.
  ///
  /// - Parameter zone: The server's own, unless a test says otherwise; released clients do not tell theirs.
  package static func text(for date: Date, in zone: TimeZone = .current) -> String {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    let parts = calendar.dateComponents([.weekday, .day, .month, .year, .hour, .minute], from: date)
    guard let weekday = parts.weekday, let day = parts.day, let month = parts.month, let year = parts.year,
      let hour = parts.hour, let minute = parts.minute
    else { return "" }
    return "\(days[weekday - 1]), \(day) \(months[month - 1]) \(year), \(hour):\(minute < 10 ? "0" : "")\(minute)"
  }
}
