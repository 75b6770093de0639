import GRPCCore
import NexyCore
import NexyVoice
import NexyWire

/// A stream to a client: messages go out in order, no faster than they may, and each is movement of its slot.
struct Outlet<Message: SpokenMessage>: Sendable {
  private let writer: RPCWriter<Message>
  private let pacer: Pacer

  init(_ writer: RPCWriter<Message>, pace: Pace) {
    self.writer = writer
    pacer = Pacer(pace)
  }

  /// A write fails when its stream is gone, and only then.
  ///
  /// - Parameter slot: Whose movement it is.
  func send(_ messages: [Message], _ slot: TurnSlot? = nil) async throws {
    do {
      guard pacer.isLimiting else {
        try await writer.write(contentsOf: messages)
        slot?.moved()
        return
      }
      for message in messages {
        if !message.isTerminal { try await pacer.wait(sound: message.sound) }
        try await writer.write(message)
        slot?.moved()
      }
    } catch let error as CancellationError {
      throw error
    } catch {
      throw NexyError(.clientLeft, NexyError.clientLeft.message, cause: error)
    }
  }

  /// Tells the client why nothing is done for it, before the status does.
  func refusing(_ work: () async throws -> Void) async throws {
    do {
      try await work()
    } catch let told as Told {
      throw told.error
    } catch let error as NexyError {
      try? await writer.write(.error(error.message))
      throw error
    }
  }
}

/// A failure that the client's stream has ended with already.
struct Told: Error {
  let error: NexyError

  init(_ error: NexyError) { self.error = error }
}
