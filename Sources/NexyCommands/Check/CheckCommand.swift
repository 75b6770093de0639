import ArgumentParser
import Foundation
import NexyChecks
import NexyConfig
import NexyCore
import NexyUpdates

/// `nexy check`: the server as it is seen from outside.
struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Looks at a running server from outside, through its ports alone.",
    discussion: """
      Behind one ingress (nexy check smoke example.org 443) or straight at the three listeners: PORT is the voice service's, and health \
      and updates are looked for there too, else on --http-port and --updates-port (8080 and 8081; beside 50061, 8082 and \
      8083). Whether a port speaks TLS is found out by speaking to it. docs/runbook.md says what to do about a failure.

      Exit status: 0 every point that could be looked at holds, 1 one does not or none could be looked at, 2 wrong usage.
      """)

  @Argument(help: "\(CheckKind.allCases.map(\.rawValue).joined(separator: ", ")).") var kind: CheckKind
  @Argument(help: "Name or address.") var host = "127.0.0.1"
  @Argument(help: "The voice service's port, or the ingress's.") var port = 50051
  @OptionGroup var target: CheckTargetOptions
  @OptionGroup var preflight: CheckPreflightOptions
  @Option(help: "Seconds that anything which answers at once may take.") var timeout = 10.0
  @Option(help: "How often each row of the contract is asked; its latency is the p95 of these.") var repeats = 3
  @Option(help: "The server's decision log, where it can be read here: our own requests are looked for in it.")
  var log: String?
  @Option(help: "What releases are signed with, base64; UPDATE_PUBLIC_KEY by default.") var publicKey: String?
  @OptionGroup(visibility: .hidden) var chaos: CheckChaosOptions
  @Flag(help: "Print the rows of the contract, and ask nobody.") var list = false
  @Flag(help: "Print one JSON object instead of lines.") var json = false
  @Option(help: "Write the report as JUnit's XML to this file.") var junit: String?

  func validate() throws {
    guard (0.1...600).contains(timeout) else {
      throw ValidationError("--timeout is \(timeout); give 0.1 to 600 seconds.")
    }
    guard (1...1000).contains(repeats) else { throw ValidationError("--repeats is \(repeats); give 1 to 1000.") }
    for port in [port, target.httpPort, target.updatesPort].compactMap(\.self) where !(1...65_535).contains(port) {
      throw ValidationError("\(port) is no port; give 1 to 65535.")
    }
    guard !list || kind == .contract else { throw ValidationError("--list goes with contract alone.") }
    guard !host.isEmpty else { throw ValidationError("The host is empty; give a name or an address.") }
    if kind.families.contains(.updates) { _ = try signingKey }
  }

  /// What releases are signed with; nil where nobody told.
  private var signingKey: SparklePublicKey? {
    get throws {
      let told = publicKey ?? ProcessInfo.processInfo.environment["UPDATE_PUBLIC_KEY"]
      guard let told, !told.isEmpty else { return nil }
      do { return try SparklePublicKey(base64: told) } catch let error as NexyError {
        throw ValidationError("\(publicKey == nil ? "UPDATE_PUBLIC_KEY" : "--public-key"): \(error.message)")
      }
    }
  }

  func run() async throws {
    if list { return try ContractListing.show(json: json) }
    let environment = ProcessInfo.processInfo.environment
    var settings = CheckSettings(
      patience: .seconds(timeout), repeats: repeats, logPath: log,
      publicKey: kind.families.contains(.updates) ? try signingKey : nil, chaos: chaos.settings)
    settings.opensOrigins = environment["UPDATE_CORS"].flatMap(Bool.init(setting:)) ?? true
    if kind.looksAtSettings { settings.preflight = preflight.settings(port: port) }
    let display = CheckDisplay(isQuiet: json)
    // Whatever a check started ends with it, also when somebody ends the check.
    let report = try await EndingSignals.cancel { [settings] in
      try await Checks.report(
        kind.rawValue, of: kind.families, against: target.wish(host: host, port: port), settings
      ) { display.show($0) }
    }
    if json { try Terminal.json(report) } else { display.end(report) }
    if let junit { try AtomicFile.write(Array(JUnitReport.text(report).utf8), to: junit) }
    if !report.passed { throw ExitCode.failure }
  }
}

/// The checks by the names that are typed.
enum CheckKind: String, CaseIterable, ExpressibleByArgument {
  case smoke, health, contract, interceptors, backpressure, updates, preflight, chaos, gate, all

  /// Whether the settings of this machine are part of it.
  var looksAtSettings: Bool { families.contains(.preflight) || families.contains(.gate) }

  var families: [CheckFamily] {
    switch self {
    case .smoke: [.smoke]
    case .health: [.health]
    case .contract: [.contract]
    case .interceptors: [.interceptors]
    case .backpressure: [.backpressure]
    case .updates: [.updates]
    case .preflight: [.smoke, .health, .interceptors, .backpressure, .updates, .preflight]
    case .chaos: [.chaos]
    // The gate's own points sum up what the families before them saw.
    case .gate: [.smoke, .health, .contract, .updates, .gate]
    case .all: CheckFamily.allCases.filter { $0 != .gate }
    }
  }
}
