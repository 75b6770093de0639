import ArgumentParser
import AsyncHTTPClient
import Foundation
import NexyConfig
import NexyCore
import NexyObservability
import NexyProviders

/// `nexy providers test`: whether each provider works, how quickly, and what to do if not.
struct ProvidersTest: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Calls every provider that the settings name, and tells how it did.",
    discussion: """
      Each is called once, with every key it has, all at the same time and without a retry. The calls cost as much as a \
      short question. The exit status is 1 where one of them fails.
      """)

  @Flag(help: "Only the language models.") var llm = false
  @Flag(help: "Only the speech engines.") var tts = false
  @Flag(help: "Print JSON.") var json = false
  @OptionGroup var flags: SettingsFlags

  func run() async throws {
    let settings = try flags.load()
    let plan = try ProviderPlan(settings, environment: ProcessInfo.processInfo.environment)
    for warning in plan.warnings { Terminal.error("warning: \(warning)") }
    let client = HTTPClient(
      eventLoopGroup: HTTPClient.defaultEventLoopGroup,
      configuration: .upstream(connect: settings.providers.connect, connections: 8))
    let providers = ProviderAssembly(
      settings: settings, plan: plan, client: client, metrics: ServerMetrics(), ledger: nil,
      flags: { settings.flags })
    let results = await test(providers)
    try await client.shutdown()
    if json { try Terminal.json(results) } else { show(results) }
    if results.contains(where: { !$0.works }) { throw ExitCode(1) }
  }

  private func test(_ providers: ProviderAssembly) async -> [ProviderTrial.Result] {
    let settings = providers.settings
    let both = llm == tts
    let models = both || llm ? providers.models().map { ProviderTrial($0, budget: settings.model.firstDelta) } : []
    let engines = both || tts ? providers.engines().map { ProviderTrial($0, budget: settings.speech.firstSound) } : []
    return await withTaskGroup(of: (Int, ProviderTrial.Result).self) { group in
      for (place, trial) in (models + engines).enumerated() { group.addTask { (place, await trial.run()) } }
      var results: [(Int, ProviderTrial.Result)] = []
      for await result in group { results.append(result) }
      return results.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  private func show(_ results: [ProviderTrial.Result]) {
    var table = TextTable(headings: ["PROVIDER ", "KIND ", "KEY ", "RESULT ", "FIRST MS", "WHOLE MS"])
    for result in results {
      table.rows.append([
        result.name, result.kind, result.key.map { "…\($0)" } ?? "-", result.works ? "works" : "fails",
        result.firstMs.map(String.init) ?? "-", "\(result.wholeMs)",
      ])
    }
    for line in table.lines { Terminal.print(line) }
    for result in results {
      guard let remedy = result.remedy else { continue }
      Terminal.print("\(result.name) (\(result.kind)): \(Redaction.masked(remedy))")
    }
  }
}
