import NexyCore
import NexyVoice
import Synchronization

// The promises about what is said and what is heard.
extension SpeechEngineBehaviour {
  private static let texts = [
    "Tom & Jerry's \"5 < 6\" is > 4; a]]>b", "<voice name=\"x\">&amp;</voice>", "Привет, как дела? Ёлка — №5 «да»",
    "Cafe\u{301} naïve ½ € — … “quoted”", "👩‍👩‍👧‍👦 🇺🇦 𝄞 𐍈", "中文。日本語！", "back\\slash {\"json\": true} %20 \u{2028}x",
  ]

  func givesTheWholeSound() async throws {
    let sound = Self.sound(samples: 300)
    let bytes = wire(sound)
    var cuts = [1, 2, 3, 7, 45, bytes.count].map { size in
      stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
    }
    var random = SplitMix64(seed: 4)
    for _ in 0..<8 {
      var rest = bytes[...]
      var pieces: [[UInt8]] = []
      while !rest.isEmpty {
        let size = min(Int.random(in: 1...99, using: &random), rest.count)
        pieces.append(Array(rest.prefix(size)))
        rest = rest.dropFirst(size)
      }
      cuts.append(pieces)
    }
    for pieces in cuts {
      try await stage(.whole(pieces)) { stage in
        let heard = try await Self.listen(to: stage.engine)
        try Self.expect(
          heard == sound,
          "\(heard.count) of \(sound.count) samples came out, or others, of \(pieces.count) pieces of bytes")
      }
    }
  }

  func saysTheWholeText() async throws {
    for text in Self.texts {
      let bytes = wire(Self.sound(samples: 10))
      try await stage(.whole([bytes])) { stage in
        _ = try await Self.listen(to: stage.engine, Utterance(text: text, language: .english))
        let heard = try await stage.heardText()
        try Self.expect(heard == text, "the upstream was asked to say \"\(heard)\" and not \"\(text)\"")
      }
    }
  }

  func namesFaults() async throws {
    for fault in faults { try await expect(fault.name, of: .failing(fault.answer), "the answer \(fault.answer)") }
  }

  func refusesSilence() async throws {
    try await expect("empty", of: .whole([]), "an answer without sound")
  }

  private func expect(_ name: String, of answer: Answer, _ description: String) async throws {
    try await stage(answer) { stage in
      do {
        _ = try await Self.listen(to: stage.engine)
      } catch {
        let given = nameOf(error)
        try Self.expect(given == name, "\(description) is \(given ?? "\(type(of: error))") and not \(name)")
        return
      }
      throw SpeechBehaviourFault("\(description) is no error")
    }
  }

  private static func listen(
    to engine: any SpeechSynthesizer, _ utterance: Utterance = hello
  ) async throws -> [Int16] {
    let heard = Heard()
    try await engine.speak(utterance) { samples in heard.add(samples) }
    return heard.samples
  }
}

/// Samples that an engine gave, gathered.
private final class Heard: Sendable {
  private let gathered = Mutex<[Int16]>([])

  var samples: [Int16] { gathered.withLock { $0 } }
  func add(_ samples: [Int16]) { gathered.withLock { $0 += samples } }
}
