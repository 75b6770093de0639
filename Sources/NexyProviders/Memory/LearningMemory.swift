import NexyCore
import NexyVoice
import Synchronization

/// A memory that also learns lasting facts: a model reads each exchange in the background, after the turn.
///
/// Nothing waits for it. What does not fit the queue, takes too long, fails or is not in the format is not learned;
/// facts already known stay as they are.
package final class LearningMemory: ConversationMemory {
  /// Bytes of an answer that is still one.
  private static let answerLimit = 8192

  private struct Job: Sendable {
    let source: RememberedExchange
    let device: DeviceID
    let session: SessionID
  }

  private let memory: SQLiteMemory
  private let model: any LanguageModel
  private let timeout: Duration
  private let clock: any Clock<Duration>
  private let report: @Sendable (NexyError) -> Void
  private let queue: Mutex<FactQueue<Job>>
  private let news: AsyncStream<Void>
  private let tell: AsyncStream<Void>.Continuation

  /// - Parameters:
  ///   - memory: Keeps exchanges and facts.
  ///   - model: Asked for facts; its requests name device and session, so whoever wraps it can note what it cost.
  ///   - timeout: How long one answer may take (`ANALYSIS_TIMEOUT`).
  ///   - queue: Exchanges that may wait.
  ///   - atOnce: Exchanges that may be looked at.
  ///   - report: Told why nothing was learned, by an error with code `factsNotLearned` that holds no word of the user.
  package init(
    _ memory: SQLiteMemory, model: any LanguageModel, timeout: Duration = .seconds(5), queue: Int = 100,
    atOnce: Int = 2, clock: any Clock<Duration> = SharedClock(),
    report: @escaping @Sendable (NexyError) -> Void = { _ in }
  ) {
    self.memory = memory
    self.model = model
    self.timeout = timeout
    self.clock = clock
    self.report = report
    self.queue = Mutex(FactQueue(limit: queue, atOnce: atOnce))
    (news, tell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  package func recall(_ device: DeviceID) async throws -> Recollection { try await memory.recall(device) }

  package func remember(_ exchange: Exchange, device: DeviceID, session: SessionID) {
    guard let source = memory.keep(exchange, device: device, session: session),
      !source.exchange.prompt.isEmpty
    else { return }
    let job = Job(source: source, device: device, session: session)
    switch queue.withLock({ $0.add(job, device: source.device) }) {
    case .taken: tell.yield()
    case .refused: report(Self.notLearned("too many exchanges wait for it"))
    case .refusedAgain: break
    }
  }

  /// Learns until the calling task is cancelled; then what waits is not learned. Runs once; the memory runs by itself.
  package func run() async {
    await withDiscardingTaskGroup { group in
      for await _ in news {
        while let job = queue.withLock({ $0.next() }) {
          group.addTask { [self] in
            await learn(job)
            queue.withLock { $0.end(device: job.source.device) }
            tell.yield()
          }
        }
      }
    }
  }

  private func learn(_ job: Job) async {
    do {
      let known = try await memory.facts(job.source.device)
      let question = try FactPrompt.text(job.source.exchange, known: known)
      let answer = try await answer(
        ModelRequest(prompt: question, device: job.device, session: job.session, purpose: .memory))
      guard let change = FactAnswer.change(answer, known: known) else {
        return report(Self.notLearned("the model's answer is not in the format"))
      }
      if !change.isEmpty { memory.learn(change, from: job.source) }
    } catch is CancellationError {
      return
    } catch let error as NexyError where error.code == .factsNotLearned {
      report(error)
    } catch {
      report(Self.notLearned("the call failed", cause: error))
    }
  }

  private func answer(_ request: ModelRequest) async throws -> String {
    let answer = try await within(timeout, on: clock) { [model] in
      let text = Mutex("")
      try await model.reply(to: request) { delta in
        guard case .text(let piece) = delta else { return }
        let isTooLong = text.withLock { text in
          text += piece
          return text.utf8.count > Self.answerLimit
        }
        if isTooLong { throw Self.notLearned("the model's answer is too long") }
      }
      return text.withLock { $0 }
    }
    guard let answer else { throw Self.notLearned("the model took too long") }
    return answer
  }

  private static func notLearned(_ reason: String, cause: (any Error)? = nil) -> NexyError {
    NexyError(.factsNotLearned, "No facts were learned from an exchange: \(reason).", cause: cause)
  }
}

extension NexyError.Code {
  /// An exchange was not searched for facts.
  package static let factsNotLearned = Self("facts_not_learned")
}
