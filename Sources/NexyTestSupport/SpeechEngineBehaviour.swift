import NexyCore
import NexyVoice

/// A promise of speech engines that one did not keep.
package struct SpeechBehaviourFault: Error, CustomStringConvertible {
  package let description: String
  init(_ description: String) { self.description = description }
}

/// What every speech engine promises; `SpeechEngineBehaviour.check` tells whether one keeps it.
package enum SpeechPromise: String, Sendable, CaseIterable {
  /// Every sample comes out, in order, however the bytes were cut on their way.
  case givesTheWholeSound
  /// The next piece is given only when the one before was taken.
  case waitsForEmit
  /// What `emit` throws ends the call and comes out unchanged.
  case passesOnErrorsOfEmit
  /// Cancelling ends the call while `emit` waits.
  case stopsWhileEmitting
  /// Cancelling ends the call before the first sound.
  case stopsBeforeTheFirstSound
  /// Cancelling ends the call when the sound stands still.
  case stopsInTheMiddle
  /// The upstream is asked to say the text as it was given, whatever is in it.
  case saysTheWholeText
  /// A listener who takes nothing holds the upstream up; nothing piles up in between.
  case holdsTheUpstreamUp
  /// Each of the upstream's faults is told from the others.
  case namesFaults
  /// An answer without sound is a fault.
  case refusesSilence

  /// Those that an engine keeps which makes its sound itself.
  package static let withoutUpstream: [SpeechPromise] = [.waitsForEmit, .passesOnErrorsOfEmit, .stopsWhileEmitting]
}

/// The suite of promises, for an engine and the upstream behind it: a server, or a child process.
///
/// A test arranges the upstream: it says what sound looks like in the upstream's bytes, and stages one answer a call.
package struct SpeechEngineBehaviour: Sendable {
  /// What the upstream does with one call.
  package enum Answer: Sendable {
    /// Sends these bytes, each piece apart, and ends.
    case whole([[UInt8]])
    /// Sends these bytes and then nothing more, without an end.
    case standing([UInt8])
    /// Sends these bytes again and again, as long as somebody takes them.
    case endless([UInt8])
    /// Fails in a way of its own that has this name.
    case failing(String)
  }

  /// An engine, and what can be seen of its upstream.
  package struct Stage: Sendable {
    let engine: any SpeechSynthesizer
    let heardText: @Sendable () async throws -> String
    let sentBytes: @Sendable () -> Int
    let ended: @Sendable () async throws -> Void

    /// - Parameters:
    ///   - heardText: Returns once the upstream has been asked: the text, as the upstream reads it.
    ///   - sentBytes: How many bytes of sound the upstream has got rid of.
    ///   - ended: Returns once the upstream knows that the call is over: its connection is closed, the child is gone.
    package init(
      engine: any SpeechSynthesizer, heardText: @escaping @Sendable () async throws -> String = { "" },
      sentBytes: @escaping @Sendable () -> Int = { 0 }, ended: @escaping @Sendable () async throws -> Void = {}
    ) {
      self.engine = engine
      self.heardText = heardText
      self.sentBytes = sentBytes
      self.ended = ended
    }
  }

  package typealias Staging =
    @Sendable (Answer, @escaping @Sendable (Stage) async throws -> Void) async throws -> Void

  /// What sound looks like on the wire.
  let wire: @Sendable ([Int16]) -> [UInt8]
  /// The names of `Answer.failing`, and how the engine's error is named for each.
  let faults: [(answer: String, name: String)]
  /// The name of an error, and nil for one that an engine must not throw.
  let nameOf: @Sendable (any Error) -> String?
  let stage: Staging

  package init(
    wire: @escaping @Sendable ([Int16]) -> [UInt8] = { _ in [] }, faults: [(answer: String, name: String)] = [],
    nameOf: @escaping @Sendable (any Error) -> String? = { _ in nil }, stage: @escaping Staging
  ) {
    self.wire = wire
    self.faults = faults
    self.nameOf = nameOf
    self.stage = stage
  }

  /// - Throws: `SpeechBehaviourFault` where the engine does not keep the promise.
  package func check(_ promise: SpeechPromise) async throws {
    switch promise {
    case .givesTheWholeSound: try await givesTheWholeSound()
    case .waitsForEmit: try await waitsForEmit()
    case .passesOnErrorsOfEmit: try await passesOnErrorsOfEmit()
    case .stopsWhileEmitting: try await stopsWhileEmitting()
    case .stopsBeforeTheFirstSound: try await stopsBeforeTheFirstSound()
    case .stopsInTheMiddle: try await stopsInTheMiddle()
    case .saysTheWholeText: try await saysTheWholeText()
    case .holdsTheUpstreamUp: try await holdsTheUpstreamUp()
    case .namesFaults: try await namesFaults()
    case .refusesSilence: try await refusesSilence()
    }
  }
}

extension SpeechEngineBehaviour {
  static let hello = Utterance(text: "Hello there, my friend.", language: .english)

  /// A sound in which no two places look alike.
  static func sound(samples count: Int) -> [Int16] { (1...count).map { Int16(truncatingIfNeeded: $0 &* 7919) } }

  static func expect(_ condition: Bool, _ description: @autoclosure () -> String) throws {
    guard condition else { throw SpeechBehaviourFault(description()) }
  }
}
