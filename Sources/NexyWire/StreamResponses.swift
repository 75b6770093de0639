import Foundation
import NexyCore
import SwiftProtobuf

/// The facts of every audio message: what released clients play.
package enum WireAudio {
  /// Samples a second.
  package static let sampleRate: Int32 = 48_000
  package static let channels: Int32 = 1
  /// Signed 16-bit samples, in the words of the client's numpy.
  package static let dtype = "int16"
}

extension Streaming_AudioChunk {
  /// A message of mono samples, as signed 16-bit little-endian bytes.
  package init(samples: ArraySlice<Int16>) {
    self.init()
    audioData = samples.withUnsafeBytes { bytes in
      #if _endian(little)
      Data(bytes)
      #else
      Data(samples.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] })
      #endif
    }
    dtype = WireAudio.dtype
    sampleRate = WireAudio.sampleRate
    channels = WireAudio.channels
  }

  /// How long the message plays.
  package var duration: Duration {
    .seconds(Double(audioData.count / 2) / Double(WireAudio.sampleRate))
  }

  /// The samples of a message; nil when its bytes are no whole samples.
  package var samples: [Int16]? {
    guard audioData.count.isMultiple(of: 2) else { return nil }
    let bytes = [UInt8](audioData)
    return stride(from: 0, to: bytes.count, by: 2).map { index in
      Int16(bitPattern: UInt16(bytes[index]) | UInt16(bytes[index + 1]) << 8)
    }
  }
}

/// A message of one of the streams that speak.
package protocol SpokenMessage: Sendable {
  static func error(_ message: String) -> Self
  /// Whether it is the stream's last.
  var isTerminal: Bool { get }
  /// How long it plays; zero for anything but audio.
  var sound: Duration { get }
}

extension Streaming_StreamResponse: SpokenMessage {
  package var isTerminal: Bool {
    switch content {
    case .endMessage, .errorMessage: true
    case .textChunk, .audioChunk, .actionMessage, .browserProgress, nil: false
    }
  }
  package var sound: Duration { if case .audioChunk(let chunk) = content { chunk.duration } else { .zero } }
  package static func text(_ text: String) -> Self { .with { $0.textChunk = text } }
  package static func audio(_ samples: ArraySlice<Int16>) -> Self {
    .with { $0.audioChunk = Streaming_AudioChunk(samples: samples) }
  }
  package static func end(_ message: String) -> Self { .with { $0.endMessage = message } }
  package static func error(_ message: String) -> Self { .with { $0.errorMessage = message } }
  package static func action(json: String, session: SessionID) -> Self {
    .with {
      $0.actionMessage.actionJson = json
      $0.actionMessage.sessionID = session.text
    }
  }
}

extension Streaming_StreamRequest {
  /// A whole prompt.
  package static func commit(_ prompt: String, device: String, session: String) -> Self {
    .with {
      $0.prompt = prompt
      $0.hardwareID = device
      $0.sessionID = session
      $0.phase = .commit
    }
  }
}

extension Streaming_WelcomeResponse: SpokenMessage {
  package var isTerminal: Bool {
    switch content {
    case .endMessage, .errorMessage: true
    case .audioChunk, .metadata, nil: false
    }
  }
  package var sound: Duration { if case .audioChunk(let chunk) = content { chunk.duration } else { .zero } }
  package static func audio(_ samples: ArraySlice<Int16>) -> Self {
    .with { $0.audioChunk = Streaming_AudioChunk(samples: samples) }
  }
  package static func end(_ message: String) -> Self { .with { $0.endMessage = message } }
  package static func error(_ message: String) -> Self { .with { $0.errorMessage = message } }

  /// - Parameters:
  ///   - method: The engine's name.
  ///   - seconds: How long the audio is; 0 when it is not known yet.
  package static func metadata(method: String, seconds: Double) -> Self {
    .with {
      $0.metadata.method = method
      $0.metadata.durationSec = seconds
      $0.metadata.sampleRate = WireAudio.sampleRate
      $0.metadata.channels = WireAudio.channels
      $0.metadata.dtype = WireAudio.dtype
    }
  }
}
