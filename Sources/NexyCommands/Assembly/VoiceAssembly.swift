import NexyConfig
import NexyCore
import NexyProviders
import NexyServer
import NexyObservability
import NexyVoice

/// Joins settings, providers and flags into the room that runs turns.
enum VoiceAssembly {
  static func room(
    _ settings: Settings, _ providers: ProviderAssembly.Chosen, board: FlagBoard, metrics: ServerMetrics,
    outcomes: SpeechOutcomes
  ) -> VoiceRoom {
    let synthesizer = MeteredSynthesizer(providers.synthesizer, metrics: metrics, outcomes: outcomes)
    let rules = rules(settings, board)
    let admission = settings.admission
    return VoiceRoom(
      intake: TurnIntake(
        buffer: CollectBuffer(), imageLimit: admission.imageLimit, takesImages: { board.current.takesScreenshots }),
      registry: TurnRegistry(
        limits: TurnLimits(
          turns: admission.turns, turnsPerDevice: admission.turnsPerDevice, total: settings.turnLimit,
          idle: admission.idleLimit)),
      rates: DeviceRates(limit: admission.requestsPerSecond),
      pace: Pace(messagesPerSecond: admission.messagesPerSecond, keepsUpWithSpeech: admission.paceIsPreset),
      turn: Turn(
        model: MeteredModel(providers.model, metrics: metrics), synthesizer: synthesizer, rules: rules),
      welcome: Welcome(synthesizer: synthesizer, rules: rules),
      usage: SwitchedLedger(
        ledger: SQLiteUsageLedger(path: "\(settings.dataFolder)/nexy.sqlite"),
        isOn: { board.current.recordsUsage }))
  }

  private static func rules(_ settings: Settings, _ board: FlagBoard) -> Turn.Rules {
    Turn.Rules(
      merge: MergeRules(
        minimumCharacters: settings.streaming.minimumCharacters, minimumWords: settings.streaming.minimumWords,
        firstSentenceMinimumWords: settings.streaming.firstSentenceMinimumWords),
      chunkSamples: settings.audio.chunkBytes / 2,
      commands: {
        let flags = board.current
        let features: [(FeatureFlag, CommandPolicy.Feature)] = [
          (.messages, .messages), (.whatsApp, .whatsApp), (.browser, .browser),
        ]
        return CommandPolicy(
          forwards: flags.forwardsActions, features: Set(features.filter { flags[$0.0] }.map(\.1)))
      })
  }
}

/// A ledger that a kill switch closes.
private struct SwitchedLedger: UsageLedger {
  let ledger: any UsageLedger
  let isOn: @Sendable () -> Bool

  func record(_ entry: UsageEntry) async throws {
    guard isOn() else {
      throw NexyError(.usageNotRecorded, "Usage is not recorded at the moment (kill_switches.disable_usage_ledger).")
    }
    try await ledger.record(entry)
  }
}
