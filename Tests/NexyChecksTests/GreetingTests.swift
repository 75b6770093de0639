import Foundation
import NexyWire
import Testing

@testable import NexyChecks

@Suite("A greeting, and its sound")
struct GreetingTests {
  /// A fortieth of a second of a tone.
  private static let samples = (0..<1200).map { Int16(8000 * sin(Double($0) / 20)) }

  private static func reply(
    seconds: Double = 0.025, times: Int = 1, _ change: (inout Streaming_WelcomeMetadata) -> Void = { _ in }
  ) -> HeardReply {
    guard case .metadata(var metadata) = Streaming_WelcomeResponse.metadata(method: "tone", seconds: seconds).content
    else { return HeardReply() }
    change(&metadata)
    return HeardReply(
      items: Array(repeating: .metadata(metadata), count: times) + [.audio(.of(samples: samples)), .end("")])
  }

  @Test("that is as long as it was announced has no fault")
  func good() { #expect(TurnRules.greetingFaults(Self.reply()).isEmpty) }

  @Test("is announced once, with its form and its length")
  func faults() {
    #expect(TurnRules.greetingFaults(Self.reply(times: 2)) == ["2 times metadata"])
    #expect(TurnRules.greetingFaults(Self.reply(seconds: 0)) == ["0.0 s are announced and 0.025 s come"])
    #expect(TurnRules.greetingFaults(Self.reply { $0.method = "" }) == ["no method"])
    #expect(TurnRules.greetingFaults(Self.reply { $0.sampleRate = 1 }) == ["metadata of 1 samples a second"])
    #expect(TurnRules.greetingFaults(Self.reply { $0.dtype = "f" }) == ["metadata of \"f\""])
  }

  @Test("is neither noise nor one level, and no chunk of it comes twice")
  func sound() {
    #expect(TurnRules.soundFaults([.of(samples: Self.samples)]).isEmpty)
    let noise = TurnRules.soundFaults([.of(samples: Self.samples.map(\.byteSwapped))])
    #expect(noise.count == 1 && noise[0].hasPrefix("noise"), "\(noise)")
    let level = TurnRules.soundFaults([.of(samples: Array(repeating: 16_384, count: 1200))])
    #expect(level.count == 1 && level[0].hasPrefix("silence"), "\(level)")
    let items = Array(repeating: HeardReply.Item.audio(.of(samples: Self.samples)), count: 3)
    #expect(TurnRules.repetitionFaults(HeardReply(items: items)) == ["2 chunks come twice in a row"])
    #expect(TurnRules.repetitionFaults(HeardReply(items: [items[0], .text("Two."), items[0]])).isEmpty)
  }
}
