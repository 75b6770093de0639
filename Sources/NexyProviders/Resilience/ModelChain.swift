import NexyCore
import NexyVoice

/// Language models in the order they are asked: the first that answers, answers.
///
/// A model that fails before it said anything is asked again or replaced by the next; one that fails later ends the
/// reply, because nobody could finish its sentence.
package struct ModelChain: LanguageModel {
  package typealias Link = ProviderLink<any LanguageModel>

  /// The first model's.
  package let name: String
  private let links: [Link]
  private let context: ChainContext

  /// - Parameters:
  ///   - links: At least one; the last is the last resort.
  ///   - random: From 0 to 1, for the waits between attempts.
  ///   - observe: Told what was done about faults; must return at once.
  package init(
    _ links: [Link], clock: any Clock<Duration> = SharedClock(),
    random: @escaping @Sendable () -> Double = { .random(in: 0...1) },
    observe: @escaping @Sendable (ProviderEvent) -> Void
  ) {
    precondition(!links.isEmpty, "a chain has a link")
    name = links[0].identity.name
    self.links = links
    context = ChainContext(clock: clock, random: random, observe: observe)
  }

  /// How each model does, in the order they are asked.
  package var states: [ProviderState] { links.map(\.state) }

  /// - Throws: `NexyError` with code `modelFailed` or `replyBlocked`, cancellation, or what `emit` threw.
  package func reply(
    to request: ModelRequest, emit: @escaping @Sendable (ModelDelta) async throws -> Void
  ) async throws {
    let owner = TurnSlot.Owner(device: request.device, session: request.session)
    let job = ChainJob<any LanguageModel, ModelDelta>(context, owner: owner, begins: \.isAnswer, emit: emit) {
      try await $0.reply(to: request, emit: $1)
    }
    var failures: [LinkFailure] = []
    var index = 0
    while let failure = try await links[index].run(job) {
      failures.append(failure)
      if failure.fault.kind == .blocked { throw NexyError.replyBlocked(failures) }
      if failure.hasBegun { throw NexyError.replyBrokeOff(failures) }
      guard let next = links.nextLink(after: index, failure) else { throw NexyError.noReply(failures) }
      job.tell(failure.provider, .degrade(to: links[next].identity, failure.fault))
      index = next
    }
  }
}

extension ModelDelta {
  /// Whether it is something for the listener: figures of usage are not.
  fileprivate var isAnswer: Bool {
    switch self {
    case .text(let text): !text.isEmpty
    case .toolCall: true
    case .usage: false
    }
  }
}

// What the listener hears of it; who failed and why is for the log.
extension NexyError {
  fileprivate static func replyBlocked(_ failures: [LinkFailure]) -> NexyError {
    NexyError(.replyBlocked, "I cannot answer that. Please ask in another way.", detail: failures.detail)
  }

  fileprivate static func replyBrokeOff(_ failures: [LinkFailure]) -> NexyError {
    NexyError(.modelFailed, "The answer broke off. Please try again.", detail: failures.detail)
  }

  fileprivate static func noReply(_ failures: [LinkFailure]) -> NexyError {
    NexyError(.modelFailed, "No answer came. Please try again in a moment.", detail: failures.detail)
  }
}
