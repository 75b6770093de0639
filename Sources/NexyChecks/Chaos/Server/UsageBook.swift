import Foundation
import NexyCore
import Subprocess

/// What a server kept of usage, read from outside: by `nexy usage report` on its data folder.
struct UsageBook: Sendable {
  private static let longest = 16 << 20

  /// The devices that the database has calls of.
  private let devices: Set<String>
  /// Why it could not be read.
  private let complaint: String?

  /// - Parameter entry: What the command begins with, to see the folder as the server does.
  /// - Throws: `NexyError` with code `tookTooLong`; what the system says when the command cannot be run.
  static func read(_ plan: ServerPlan, through entry: [String] = []) async throws -> UsageBook {
    let configuration = plan.configuration(
      ["usage", "report", "--json", "--by", "device", "--data-dir", plan.data.path()], through: entry)
    let result = try await bounded(ChaosTimes.ready) {
      try await Subprocess.run(
        configuration, input: .none, output: .bytes(limit: longest), error: .string(limit: 64 << 10))
    }
    guard result.terminationStatus.isSuccess, let page = try? JSONReader.document(result.standardOutput).value.object,
      let lines = page["lines"]?.array
    else {
      let told = "nexy usage report failed (\(result.terminationStatus)): \(result.standardError.suffix(200))"
      return UsageBook(devices: [], complaint: told)
    }
    return UsageBook(devices: Set(lines.compactMap { $0.object?.text("name") }), complaint: nil)
  }

  /// What is wrong with it, when `what` of these devices was promised to be kept.
  func faults(_ promised: Set<String>, _ what: String = "reports") -> [String] {
    let lost = promised.subtracting(devices).count
    return [complaint].compactMap(\.self) + (lost > 0 ? ["\(lost) of \(promised.count) \(what) are lost"] : [])
  }
}
