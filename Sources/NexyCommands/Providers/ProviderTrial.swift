import NexyCore
import NexyProviders
import NexyVoice
import Synchronization

/// One call of one provider, as a turn would make it, without what would hide its failure.
struct ProviderTrial: Sendable {
  struct Result: Sendable, Encodable {
    let name: String
    let kind: String
    /// The last four characters of its key.
    let key: String?
    let works: Bool
    /// Milliseconds to the first words or the first sound.
    let firstMs: Int64?
    /// Milliseconds to the end of the answer, or to the failure.
    let wholeMs: Int64
    /// What went wrong and what to do.
    let remedy: String?
  }

  /// How long a provider may take in all.
  private static let limit = Duration.seconds(30)
  private static let device = DeviceID("nexy-providers-test")!
  private static let session = SessionID("00000000-0000-4000-8000-000000000000")!

  private let identity: ProviderIdentity
  /// How long the first piece of its answer may take.
  private let budget: Duration
  /// Tells its first piece to the closure it is given.
  private let call: @Sendable (@escaping @Sendable () -> Void) async throws -> Void

  init(_ link: ModelChain.Link, budget: Duration) {
    identity = link.identity
    self.budget = budget
    call = { begins in
      let request = ModelRequest(
        prompt: "What is two plus two? Answer in one short sentence.", device: Self.device, session: Self.session,
        commands: CommandPolicy().allowed)
      try await link.provider.reply(to: request) { delta in
        if case .usage = delta { return }
        begins()
      }
    }
  }

  init(_ link: SpeechChain.Link, budget: Duration) {
    identity = link.identity
    self.budget = budget
    call = { begins in
      try await link.provider.speak(Utterance(text: "This is a test.", language: .english)) { samples in
        if samples.contains(where: { $0 != 0 }) { begins() }
      }
    }
  }

  func run() async -> Result {
    let watch = Stopwatch(ContinuousClock())
    let first = FirstPiece(watch)
    var remedy: String?
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await call { first.came() } }
        group.addTask {
          try await Task.sleep(for: budget)
          guard first.time != nil else {
            throw ProviderFault(.tooSlow, "No answer began within \(budget.wholeMilliseconds) ms.")
          }
          try await Task.sleep(for: Self.limit)
          throw ProviderFault(.tooSlow, "The answer was not whole within \(Self.limit.components.seconds) seconds.")
        }
        defer { group.cancelAll() }
        try await group.next()
      }
      if first.time == nil { remedy = "It answered, but with nothing." }
    } catch let fault as ProviderFault {
      remedy = fault.description
    } catch let error as NexyError {
      remedy = error.message
    } catch {
      remedy = "\(error)"
    }
    return Result(
      name: identity.name, kind: identity.kind.rawValue, key: identity.keyHint, works: remedy == nil,
      firstMs: first.time?.wholeMilliseconds, wholeMs: watch.elapsed.wholeMilliseconds, remedy: remedy)
  }
}

/// When the first piece of an answer came.
private final class FirstPiece: Sendable {
  private let watch: Stopwatch
  private let state = Mutex<Duration?>(nil)

  init(_ watch: Stopwatch) { self.watch = watch }

  var time: Duration? { state.withLock { $0 } }

  func came() { state.withLock { $0 = $0 ?? watch.elapsed } }
}
