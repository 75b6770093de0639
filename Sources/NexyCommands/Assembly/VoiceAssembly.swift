import NexyConfig
import NexyServer
import NexyVoice

/// Joins settings, providers and flags into the room that runs turns.
struct VoiceAssembly {
  let settings: Settings
  let board: FlagBoard
  let model: any LanguageModel
  let synthesizer: any SpeechSynthesizer
  let memory: (any ConversationMemory)?
  let usage: any UsageLedger

  func room() -> VoiceRoom {
    let admission = settings.admission
    return VoiceRoom(
      intake: TurnIntake(
        buffer: CollectBuffer(), imageLimit: admission.imageLimit,
        takesImages: { [board] in board.current.takesScreenshots }),
      registry: TurnRegistry(
        limits: TurnLimits(
          turns: admission.turns, turnsPerDevice: admission.turnsPerDevice, total: settings.turnLimit,
          idle: admission.idleLimit)),
      rates: DeviceRates(limit: admission.requestsPerSecond),
      pace: Pace(messagesPerSecond: admission.messagesPerSecond, keepsUpWithSpeech: admission.paceIsPreset),
      turn: Turn(model: model, synthesizer: synthesizer, memory: memory, rules: rules),
      welcome: Welcome(synthesizer: synthesizer, rules: rules),
      usage: usage)
  }

  private var rules: Turn.Rules {
    Turn.Rules(
      merge: MergeRules(
        minimumCharacters: settings.streaming.minimumCharacters, minimumWords: settings.streaming.minimumWords,
        firstSentenceMinimumWords: settings.streaming.firstSentenceMinimumWords),
      chunkSamples: settings.audio.chunkBytes / 2,
      commands: { [board] in
        let flags = board.current
        let features: [(FeatureFlag, CommandPolicy.Feature)] = [
          (.messages, .messages), (.whatsApp, .whatsApp), (.browser, .browser),
        ]
        return CommandPolicy(
          forwards: flags.forwardsActions, features: Set(features.filter { flags[$0.0] }.map(\.1)))
      })
  }
}
