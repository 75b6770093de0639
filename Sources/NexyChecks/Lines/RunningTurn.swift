import NexyCore
import NexyWire

/// A turn that is interrupted while it speaks.
enum RunningTurn {
  /// Long enough that it still runs when the interrupt comes, whatever the model.
  static let prompt = "What can you do?"

  static func interrupted(_ line: VoiceLine) async throws -> Sight {
    let (device, session) = (CheckRequests.device(), CheckRequests.session())
    let (began, speaks) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let gate = Gate()
    return try await withThrowingTaskGroup(of: HeardReply.self) { group in
      group.addTask {
        defer { speaks.finish() }
        // It reads no further until the interrupt was answered, so that the turn cannot end before.
        return try await line.say(CheckRequests.turn(prompt, device: device, session: session), limit: .seconds(60)) {
          item in
          if case .audio = item {
            speaks.yield()
            speaks.finish()
            await gate.wait()
          }
        }
      }
      for await _ in began {}
      let answer: [String]
      do {
        let response = try await line.interrupt(device)
        answer = response.interruptedSessions
      } catch {
        gate.open()
        throw error
      }
      gate.open()
      guard let reply = try await group.next() else { return .bad("no reply") }
      let told = "\(reply.told); sessions \(answer.count)"
      if reply.status == "OK", answer.isEmpty, reply.end != nil { return .bad("the turn was over before it: \(told)") }
      let isRight = reply.status == "CANCELLED" && reply.error != nil && answer == [session]
      return isRight ? .good(told) : .bad(told)
    }
  }
}

/// Holds whoever waits until it is opened.
final class Gate: Sendable {
  private let stream: AsyncStream<Never>
  private let continuation: AsyncStream<Never>.Continuation

  init() { (stream, continuation) = AsyncStream.makeStream(of: Never.self) }

  func open() { continuation.finish() }
  func wait() async { for await _ in stream {} }
}
