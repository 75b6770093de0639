import Foundation
import NexyTestSupport
import Testing

@testable import NexyVoice

private func sine(_ frequency: Double, rate: Int, seconds: Double, amplitude: Double = 16_000) -> [Int16] {
  (0..<Int(Double(rate) * seconds)).map {
    Int16((amplitude * sin(2 * .pi * frequency * Double($0) / Double(rate))).rounded())
  }
}

/// Signal to noise in dB: what is left when the best fitting sine of the frequency is taken out of the middle.
private func signalToNoise(_ samples: [Int16], frequency: Double, rate: Int) -> Double {
  let middle = samples.dropFirst(2000).dropLast(2000)
  var (inPhase, quadrature) = (0.0, 0.0)
  for index in middle.indices {
    let angle = 2 * Double.pi * frequency * Double(index) / Double(rate)
    inPhase += Double(middle[index]) * sin(angle)
    quadrature += Double(middle[index]) * cos(angle)
  }
  let scale = 2 / Double(middle.count)
  var (signal, noise) = (0.0, 0.0)
  for index in middle.indices {
    let angle = 2 * Double.pi * frequency * Double(index) / Double(rate)
    let fitted = scale * (inPhase * sin(angle) + quadrature * cos(angle))
    signal += fitted * fitted
    noise += (Double(middle[index]) - fitted) * (Double(middle[index]) - fitted)
  }
  return 10 * log10(signal / noise)
}

@Suite struct ResamplerTests {
  /// 44,100 samples are 44,100 × 320 / 147 = 96,000.
  @Test(arguments: [(22_050, 2.0), (24_000, 2.0), (16_000, 1.5), (44_100, 1.0), (96_000, 1.0)])
  func `a 1 kHz sine keeps 60 dB and its length`(_ rate: Int, _ seconds: Double) {
    var resampler = Resampler(from: rate, to: 48_000)
    let input = sine(1000, rate: rate, seconds: seconds)
    let output = resampler.process(input) + resampler.finish()
    #expect(output.count == Int((Double(input.count) * 48_000 / Double(rate)).rounded(.up)))
    #expect(signalToNoise(output, frequency: 1000, rate: 48_000) > 60)
  }

  @Test(arguments: [300.0, 3000, 8000]) func `speech frequencies keep 60 dB`(_ frequency: Double) {
    var resampler = Resampler(from: 22_050, to: 48_000)
    let output = resampler.process(sine(frequency, rate: 22_050, seconds: 2)) + resampler.finish()
    #expect(signalToNoise(output, frequency: frequency, rate: 48_000) > 60)
  }

  @Test func `the output starts where the input starts`() {
    var resampler = Resampler(from: 24_000, to: 48_000)
    let input = sine(1000, rate: 24_000, seconds: 0.5)
    let output = resampler.process(input) + resampler.finish()
    let difference = (1000..<9000).map { abs(Int(output[2 * $0]) - Int(input[$0])) }.max()!
    #expect(difference < 40)
  }

  @Test func `how the input is cut leaves no trace`() {
    let input = sine(1000, rate: 22_050, seconds: 1)
    var whole = Resampler(from: 22_050, to: 48_000)
    let expected = whole.process(input) + whole.finish()
    var generator = SplitMix64(seed: 7)
    for _ in 0..<20 {
      var resampler = Resampler(from: 22_050, to: 48_000)
      var output: [Int16] = []
      var start = 0
      while start < input.count {
        let end = min(input.count, start + Int.random(in: 1...3000, using: &generator))
        output += resampler.process(Array(input[start..<end]))
        start = end
      }
      #expect(output + resampler.finish() == expected)
    }
  }

  @Test func `a full-scale input is clamped and not wrapped`() {
    var resampler = Resampler(from: 22_050, to: 48_000)
    let square = (0..<22_050).map { $0 / 50 % 2 == 0 ? Int16.max : Int16.min }
    let output = resampler.process(square) + resampler.finish()
    let jumps = zip(output, output.dropFirst()).map { abs(Int($0) - Int($1)) }.max()!
    #expect(jumps < 60_000)
  }

  @Test func `nothing in is nothing out`() {
    var resampler = Resampler(from: 22_050, to: 48_000)
    #expect(resampler.process([]) + resampler.finish() == [])
  }
}

@Suite struct AudioFramerTests {
  @Test(arguments: [[0], [1], [4], [5], [3, 3, 3], [9, 1], [1, 1, 1, 1, 1]])
  func `chunks are whole but the last and lose nothing`(_ sizes: [Int]) {
    var framer = AudioFramer(chunkSamples: 4)
    var next: Int16 = 0
    var chunks: [AudioChunk] = []
    for size in sizes {
      chunks += framer.take(
        (0..<size).map { _ in
          next += 1; return next
        })
    }
    #expect(chunks.allSatisfy { $0.samples.count == 4 })
    if let last = framer.finish() { chunks.append(last) }
    let expected: [Int16] = sizes.reduce(0, +) == 0 ? [] : Array(1...Int16(sizes.reduce(0, +)))
    #expect(chunks.flatMap { Array($0.samples) } == expected)
  }
}
