import NexyCore
import NexyTestSupport
import NexyVoice
import Synchronization

@testable import NexyProviders

/// What a provider does with one call.
enum Outcome: Sendable {
  case says(String)
  /// Says it, then fails.
  case breaksOff(String, ProviderFault.Kind)
  case fails(ProviderFault.Kind, retryAfter: Duration? = nil)
  /// Tells only what it cost, then fails.
  case costs(ProviderFault.Kind)
  case nothing
  /// An error that is no fault.
  case crashes
  case crashesNamed(NexyError)
  case hangs

  static func refuses(for delay: Duration) -> Outcome { .fails(.quota, retryAfter: delay) }
}

/// A provider that does the outcomes it is given, a call each, the last again and again; and counts its calls.
final class Outcomes: Sendable {
  private let rest: Mutex<[Outcome]>
  private let counter = Counter()

  init(_ outcomes: [Outcome]) { rest = Mutex(outcomes) }

  var calls: Int { counter.value }

  /// - Parameters:
  ///   - say: Emits a text.
  ///   - cost: Emits what is no part of an answer.
  func play(say: (String) async throws -> Void, cost: () async throws -> Void) async throws {
    counter.add()
    let outcome = rest.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
    switch outcome {
    case .says(let text): try await say(text)
    case .breaksOff(let text, let kind):
      try await say(text)
      throw ProviderFault(kind, "")
    case .fails(let kind, let delay): throw ProviderFault(kind, "", retryAfter: delay)
    case .costs(let kind):
      try await cost()
      throw ProviderFault(kind, "")
    case .nothing: break
    case .crashes: throw Crash()
    case .crashesNamed(let error): throw error
    case .hangs: try await Gate().wait()
    }
  }

  struct Crash: Error {}
}

extension FakeModel {
  init(_ outcomes: Outcomes) {
    self.init { _, emit in
      try await outcomes.play {
        try await emit(.text($0))
      } cost: {
        try await emit(.usage(TokenUsage(inputTokens: 1, outputTokens: 0, model: "fake")))
      }
    }
  }
}

/// Hears what a chain did, and moves the clock on whenever it waits to try again.
final class EventLog: Sendable {
  private let state = Mutex([ProviderEvent]())
  private let waits: AsyncStream<Duration>
  private let continuation: AsyncStream<Duration>.Continuation

  init() { (waits, continuation) = AsyncStream.makeStream() }

  var events: [ProviderEvent] { state.withLock { $0 } }

  /// The events in few words: who, what, and of which fault.
  var words: [String] { events.map(\.words) }

  func note(_ event: ProviderEvent) {
    state.withLock { $0.append(event) }
    if case .retry(_, let wait, _) = event.step, wait > .zero { continuation.yield(wait) }
  }

  /// Runs `work`; nothing else may sleep on the clock while a chain waits to try again.
  func moving<Result: Sendable>(
    _ clock: VirtualClock, _ work: @escaping @Sendable () async throws -> Result
  ) async rethrows -> Result {
    async let _: Void = {
      for await wait in waits {
        await clock.waitForSleepers(1)
        clock.advance(by: wait)
      }
    }()
    defer { continuation.finish() }
    return try await work()
  }
}

extension ProviderEvent {
  var words: String {
    let who = provider.name + (provider.keyHint.map { "/\($0)" } ?? "")
    switch step {
    case .retry(let attempt, let wait, let fault):
      return "\(who) retry \(attempt) after \(wait.wholeMilliseconds) ms: \(fault.kind.rawValue)"
    case .degrade(let next, let fault):
      return "\(who) degrade to \(next.name)\(next.keyHint.map { "/\($0)" } ?? ""): \(fault.kind.rawValue)"
    case .opened(let fault, let length):
      return "\(who) opened for \(length.components.seconds) s: \(fault.kind.rawValue)"
    case .halfOpened: return "\(who) half open"
    case .closed: return "\(who) closed"
    }
  }
}

extension ModelRequest {
  static let example = ModelRequest(
    prompt: "Hello", device: DeviceID("device")!, session: SessionID("9b2d5a0e-6d5c-4b7e-8d43-0c8f5c0a1b2c")!)
}
