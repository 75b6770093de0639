import Crypto
import Foundation
import NexyCore
import NexyUpdates

/// Whether binary and settings are those that were approved.
enum Checksums {
  /// What a run keeps for the next one.
  struct Baseline: Codable, Sendable, Equatable {
    var binary: String
    /// By path, as the settings name it.
    var configuration: [String: String]
  }

  static let expected = "the sha256 that was approved"

  static func look(_ run: CheckRun, _ settings: PreflightSettings, _ process: ListeningProcess.Finding) async {
    let (path, owner) = binary(process)
    // A build with debug information is far below a gibibyte; a minute is for a slow disk.
    let limit = Duration.seconds(60)
    let found = Found<Baseline>()
    await run.look(.preflightBinary, expecting: expected, within: limit) {
      let kept = try settings.baseline.map { try self.baseline($0) }
      let baseline = try await digests(path, settings.configuration.files)
      found.set(baseline)
      return compare(
        baseline.binary, told: "\(baseline.binary) of \(owner)", wanted: settings.binarySHA256, kept: kept?.binary,
        option: "--binary-sha256")
    }
    run.record(.preflightRunning, expecting: "not replaced", running(process))
    await run.look(.preflightConfiguration, expecting: expected) {
      guard let baseline = found.value else { return .bad("the files could not be read") }
      let kept = try settings.baseline.map { try self.baseline($0).configuration }
      return configuration(
        settings.configuration.files, baseline.configuration, wanted: settings.configurationSHA256, kept: kept)
    }
    guard let place = settings.newBaseline else { return }
    await run.look(.preflightBaseline, expecting: "a file is written") {
      guard let baseline = found.value else { return .bad("the files could not be read") }
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      try AtomicFile.write([UInt8](encoder.encode(baseline)) + [UInt8(ascii: "\n")], to: place)
      return .good(place)
    }
  }

  static func configuration(
    _ files: [String], _ digests: [String: String], wanted: String?, kept: [String: String]?
  ) -> Sight {
    if files.isEmpty, kept?.isEmpty != false, wanted == nil { return .skipped("no file of settings is in force here") }
    if wanted == nil, let kept, kept != digests {
      let changed = Set(kept.keys).union(digests.keys).filter { kept[$0] != digests[$0] }.sorted()
      return .bad("changed since the baseline: \(changed.joined(separator: ", "))")
    }
    let sum = summary(files, digests)
    return compare(
      sum, told: "\(sum) of \(files.joined(separator: ", "))", wanted: wanted, kept: kept.map { summary(files, $0) },
      option: "--config-sha256")
  }

  static func compare(_ observed: String, told: String, wanted: String?, kept: String?, option: String) -> Sight {
    guard let approved = wanted?.lowercased() ?? kept else {
      return .skipped("\(told); nothing to compare with: give \(option) or --baseline")
    }
    return observed == approved ? .good(told) : .bad("\(told), and \(approved) was approved")
  }

  /// What `sha256sum FILE… | sha256sum` prints.
  static func summary(_ files: [String], _ digests: [String: String]) -> String {
    let text = files.map { "\(digests[$0] ?? "")  \($0)\n" }.joined()
    return SHA256.hash(data: Array(text.utf8)).hexadecimal
  }

  // MARK: - What is there

  private static func digests(_ binary: String, _ files: [String]) async throws -> Baseline {
    var configuration: [String: String] = [:]
    for file in files { configuration[file] = try await FileDigest.of(file).sha256 }
    return Baseline(binary: try await FileDigest.of(binary).sha256, configuration: configuration)
  }

  /// - Throws: `NexyError` with code `badBaseline`.
  private static func baseline(_ path: String) throws -> Baseline {
    do {
      return try JSONDecoder().decode(Baseline.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw NexyError(.badBaseline, "\(path) is no baseline. Write one with --write-baseline.", cause: error)
    }
  }

  /// The server's own where its process may be looked at, else this program's; a path that leads to the very bytes that
  /// run, whatever became of their name.
  private static func binary(_ process: ListeningProcess.Finding) -> (path: String, owner: String) {
    if case .found(let id) = process { return ("/proc/\(id)/exe", "the server (process \(id))") }
    let own = FileManager.default.fileExists(atPath: "/proc/self/exe") ? "/proc/self/exe" : CommandLine.arguments[0]
    return (own, "this nexy, for want of the server's")
  }

  private static func running(_ process: ListeningProcess.Finding) -> Sight {
    guard case .found(let id) = process else { return .skipped("the server's process cannot be looked at from here") }
    guard let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(id)/exe") else {
      return .skipped("process \(id) does not tell its program")
    }
    return path.hasSuffix(" (deleted)") ? .bad("\(path): it was replaced after the start") : .good(path)
  }
}

extension NexyError.Code {
  /// A file of checksums cannot be read.
  static let badBaseline = Self("bad_baseline")
}
