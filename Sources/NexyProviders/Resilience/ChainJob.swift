import NexyVoice

/// What a chain's links share.
struct ChainContext: Sendable {
  let clock: any Clock<Duration>
  /// From 0 to 1.
  let random: @Sendable () -> Double
  let observe: @Sendable (ProviderEvent) -> Void
}

/// One answer that a chain wants of whichever provider gives it.
struct ChainJob<Provider: Sendable, Element: Sendable>: Sendable {
  typealias Emit = @Sendable (Element) async throws -> Void

  let context: ChainContext
  /// Whose turn it is.
  let owner: TurnSlot.Owner?
  /// Since the question.
  let watch: Stopwatch
  let begins: @Sendable (Element) -> Bool
  let call: @Sendable (Provider, @escaping Emit) async throws -> Void
  let emit: Emit

  init(
    _ context: ChainContext, owner: TurnSlot.Owner?, begins: @escaping @Sendable (Element) -> Bool,
    emit: @escaping Emit, call: @escaping @Sendable (Provider, @escaping Emit) async throws -> Void
  ) {
    self.context = context
    self.owner = owner
    self.begins = begins
    self.emit = emit
    self.call = call
    watch = Stopwatch(context.clock)
  }

  func tell(_ provider: ProviderIdentity, _ step: ProviderEvent.Step) {
    context.observe(ProviderEvent(provider, owner: owner, step))
  }
}

/// A link gave no answer, or not a whole one.
struct LinkFailure: Sendable {
  let provider: ProviderIdentity
  let fault: ProviderFault
  /// Whether a part of the answer has passed.
  let hasBegun: Bool
  /// Whether the provider was never asked, because too many of its calls run; its other keys have the same gate.
  var isByGate = false
}

extension [LinkFailure] {
  /// All of them, for the log.
  var detail: String { map { "\($0.provider): \($0.fault)" }.joined(separator: "; ") }
}
