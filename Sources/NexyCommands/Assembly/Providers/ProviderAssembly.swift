import AsyncHTTPClient
import Foundation
import NexyConfig
import NexyCore
import NexyObservability
import NexyProviders
import NexyServer
import NexyVoice

/// Makes the providers that a plan names, with what guards their calls.
struct ProviderAssembly {
  /// A local engine is back as soon as it is installed, and the last one of all is all there is.
  private static let shortPause = Duration.seconds(5)
  /// What a retry may cost beyond the budget of the call itself.
  private static let retryAllowance = Duration.seconds(4)

  let settings: Settings
  let plan: ProviderPlan
  /// Shared by all providers.
  let client: HTTPClient
  let metrics: ServerMetrics
  let ledger: (any UsageLedger)?
  let flags: @Sendable () -> FlagValues
  var now: @Sendable () -> Date = { Date() }

  /// The language models in the order they are asked.
  func models() -> [ModelChain.Link] {
    let gates = gates(plan.models.compactMap(\.vendor))
    return plan.models.map { planned in
      let model = MeteredModel(model(planned), metrics: metrics, ledger: ledger)
      let gate = planned.vendor.flatMap { gates[$0] }
      switch planned {
      case .gemini(let options, _):
        return link(model, keyHint: ProviderIdentity.hint(of: options.key), gate: gate)
      case .openAI(let options, _):
        return link(model, keyHint: options.key.flatMap(ProviderIdentity.hint), gate: gate)
      // What runs in this process answers or does not; asking again changes nothing.
      case .offline, .scripted: return ModelChain.Link(model, budgets: budgets(attempts: 1))
      }
    }
  }

  /// The speech engines in the order they are asked.
  func engines() -> [SpeechChain.Link] {
    let gates = gates(plan.engines.compactMap(\.vendor))
    return plan.engines.enumerated().map { place, planned in
      let isLast = place == plan.engines.count - 1
      let engine = MeteredSynthesizer(engine(planned), metrics: metrics, ledger: ledger)
      let gate = planned.vendor.flatMap { gates[$0] }
      switch planned {
      case .azure(let options):
        return link(engine, keyHint: ProviderIdentity.hint(of: options.key), gate: gate, isLast: isLast)
      case .openAI(let options):
        let hint = options.key.flatMap(ProviderIdentity.hint)
        return link(engine, keyHint: hint, gate: gate, isLast: isLast)
      case .espeak:
        return SpeechChain.Link(engine, breaker: breaker(pause: Self.shortPause), budgets: speechBudgets(attempts: 1))
      case .tone: return SpeechChain.Link(engine, budgets: speechBudgets(attempts: 1))
      }
    }
  }

  private func model(_ planned: ProviderPlan.Model) -> any LanguageModel {
    switch planned {
    case .gemini(let options, let adapts):
      adapts ? AdaptiveModel { gemini(options, $0) } : gemini(options, options.replyForm)
    case .openAI(let options, let adapts):
      adapts ? AdaptiveModel { openAI(options, $0) } : openAI(options, options.replyForm)
    case .offline: plan.models.count > 1 ? OfflineAssistant(absence: .notAnswering) : OfflineAssistant()
    case .scripted(let script): ScriptedModel(script: script)
    }
  }

  private func gemini(_ options: GeminiModel.Options, _ form: ReplyForm) -> GeminiModel {
    var options = options
    options.replyForm = form
    return GeminiModel(client: client, options: options, instructions: instructions(searches: options.searches))
  }

  private func openAI(_ options: OpenAIModel.Options, _ form: ReplyForm) -> OpenAIModel {
    var options = options
    options.replyForm = form
    return OpenAIModel(client: client, options: options, instructions: instructions(searches: false))
  }

  private func engine(_ planned: ProviderPlan.Engine) -> any SpeechSynthesizer {
    switch planned {
    case .azure(let options): AzureSynthesizer(options: options, client: client)
    case .openAI(let options): OpenAISynthesizer(options: options, client: client)
    case .espeak(let options): EspeakSynthesizer(options: options)
    case .tone: ToneSynthesizer()
    }
  }

  private func instructions(searches: Bool) -> @Sendable (ModelRequest, ReplyForm) -> String {
    { [prompt = plan.prompt, flags, now] request, form in
      // The question of the memory stands for itself.
      guard request.purpose == .turn else { return "" }
      let facts = PromptFacts(
        request, form: form, flags: flags().keysInForce,
        searches: searches && (form == .json || request.commands.isEmpty), date: PromptDate.text(for: now()))
      return prompt.text(for: facts)
    }
  }

  /// A vendor's calls are bounded together, whatever their key.
  private func gates(_ vendors: [String]) -> [String: CallGate] {
    Dictionary(uniqueKeysWithValues: Set(vendors).map { ($0, CallGate(limit: settings.providers.calls)) })
  }

  private func breaker(pause: Duration) -> CircuitBreaker {
    CircuitBreaker(
      BreakerRules(
        threshold: settings.providers.breakerThreshold, timeout: pause, patience: Self.retryAllowance))
  }

  private func link(_ model: any LanguageModel, keyHint: String?, gate: CallGate?) -> ModelChain.Link {
    ModelChain.Link(
      model, keyHint: keyHint, breaker: breaker(pause: settings.providers.breakerTimeout), gate: gate,
      budgets: budgets(attempts: 2))
  }

  private func link(
    _ engine: any SpeechSynthesizer, keyHint: String?, gate: CallGate?, isLast: Bool
  ) -> SpeechChain.Link {
    let pause = settings.providers.breakerTimeout
    return SpeechChain.Link(
      engine, keyHint: keyHint, breaker: breaker(pause: isLast ? min(pause, Self.shortPause) : pause), gate: gate,
      budgets: speechBudgets(attempts: 2))
  }

  private func budgets(attempts: Int) -> CallBudgets {
    let first = settings.model.firstDelta
    return CallBudgets(
      queue: min(first, .seconds(3)), first: first, stall: settings.model.stall, attempts: attempts,
      retryWindow: first + Self.retryAllowance)
  }

  private func speechBudgets(attempts: Int) -> CallBudgets {
    let first = settings.speech.firstSound
    return CallBudgets(
      queue: min(first, .seconds(3)), first: first, stall: settings.speech.stall, attempts: attempts,
      backoff: .milliseconds(100), retryWindow: first + Self.retryAllowance)
  }
}
