import Foundation
import NexyUpdates

/// Whether two clocks agree, by the Date of an answer.
enum ClockRule {
  /// Seconds since 1970 of 2026-01-01: no release of this server is older, so a clock before it was never set.
  static let earliest: Int64 = 1_767_225_600

  /// Seconds since 1970.
  static var now: Double { Date().timeIntervalSince1970 }

  static func sight(header: String?, now: Double) -> Sight {
    guard let header, let server = HTTPDate.seconds(header) else { return .bad("the answer has no Date") }
    guard Double(server) >= Double(earliest) else { return .bad("the server's clock says \(header)") }
    guard now >= Double(earliest) else { return .bad("this machine's clock was never set") }
    // The header has whole seconds, rounded down.
    let apart = now - Double(server) - 0.5
    let told = "\((abs(apart) * 10).rounded() / 10) s \(apart < 0 ? "ahead" : "behind")"
    return abs(apart) <= PreflightCheck.largestClockError ? .good("the same to the second") : .bad("it is \(told)")
  }
}
