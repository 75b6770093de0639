#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Changes the rate of mono samples by a rational factor with a band-limited (windowed sinc, polyphase) filter.
///
/// State is kept between calls, so that how the input is cut leaves no trace in the output. The filter is linear in
/// phase; its delay is taken out, so the output starts where the input starts. Kaiser window, 32 taps a side at the
/// lower rate: the stop band lies below -80 dB (J. O. Smith, "Digital Audio Resampling", CCRMA, on windowed sinc).
package struct Resampler: Sendable {
  private let bank: FilterBank
  /// Input samples that later outputs still need, the oldest first.
  private var history: [Float]
  /// Where the next output lies: `position` input samples into `history`, plus `phase` / `up` of one.
  private var position = 0
  private var phase = 0
  private var consumed = 0
  private var produced = 0

  package init(from inputRate: Int, to outputRate: Int) {
    bank = FilterBank.between(inputRate, outputRate)
    history = [Float](repeating: 0, count: bank.taps / 2 - 1)
  }

  /// Takes the next input samples and returns the output samples that they complete.
  package mutating func process(_ samples: [Int16]) -> [Int16] {
    consumed += samples.count
    history.reserveCapacity(history.count + samples.count)
    for sample in samples { history.append(Float(sample)) }
    return drain(limit: .max)
  }

  /// Returns the rest: as many samples in all as the input's length times the factor, rounded up.
  package mutating func finish() -> [Int16] {
    history.append(contentsOf: repeatElement(0, count: bank.taps))
    let whole = (consumed * bank.up + bank.down - 1) / bank.down
    return drain(limit: whole - produced)
  }

  private mutating func drain(limit: Int) -> [Int16] {
    let taps = bank.taps
    var output: [Int16] = []
    output.reserveCapacity(max(0, min(limit, (history.count - position) * bank.up / bank.down + 1)))
    history.withUnsafeBufferPointer { input in
      bank.coefficients.withUnsafeBufferPointer { coefficients in
        while output.count < limit, position + taps <= input.count {
          let row = coefficients.baseAddress! + phase * taps
          let window = input.baseAddress! + position
          var sum = SIMD8<Float>.zero
          var tap = 0
          while tap < taps {
            let values = UnsafeRawPointer(window + tap).loadUnaligned(as: SIMD8<Float>.self)
            let weights = UnsafeRawPointer(row + tap).loadUnaligned(as: SIMD8<Float>.self)
            sum += values * weights
            tap += 8
          }
          output.append(Int16(clamping: Int(sum.sum().rounded())))
          phase += bank.down
          position += phase / bank.up
          phase %= bank.up
        }
      }
    }
    let used = min(position, history.count)
    history.removeFirst(used)
    position -= used
    produced += output.count
    return output
  }
}

/// The filter of every phase between two rates.
private struct FilterBank: Sendable {
  let up: Int
  let down: Int
  /// Coefficients of one phase; a multiple of 8.
  let taps: Int
  /// `up` rows of `taps`.
  let coefficients: [Float]

  private static let speech22050 = FilterBank(from: 22_050, to: 48_000)
  private static let speech24000 = FilterBank(from: 24_000, to: 48_000)
  private static let speech16000 = FilterBank(from: 16_000, to: 48_000)
  private static let speech22050To24000 = FilterBank(from: 22_050, to: 24_000)

  /// The rates that engines use are computed once.
  static func between(_ inputRate: Int, _ outputRate: Int) -> FilterBank {
    switch (inputRate, outputRate) {
    case (22_050, 48_000): speech22050
    case (24_000, 48_000): speech24000
    case (16_000, 48_000): speech16000
    case (22_050, 24_000): speech22050To24000
    default: FilterBank(from: inputRate, to: outputRate)
    }
  }

  /// - Parameters:
  ///   - halfWidth: Zero crossings of the sinc on each side of its centre.
  ///   - beta: The Kaiser window's shape.
  private init(from inputRate: Int, to outputRate: Int, halfWidth: Int = 32, beta: Double = 9) {
    let divisor = Self.greatestCommonDivisor(inputRate, outputRate)
    let (up, down) = (outputRate / divisor, inputRate / divisor)
    // Below the lower of the two Nyquist frequencies, with room for the slope.
    let cutoff = min(1, Double(up) / Double(down)) * 0.95
    let reach = Double(halfWidth) / min(1, Double(up) / Double(down))
    let taps = (2 * Int(reach.rounded(.up)) + 7) / 8 * 8
    var rows: [Float] = []
    rows.reserveCapacity(up * taps)
    for phase in 0..<up {
      let fraction = Double(phase) / Double(up)
      let row = (0..<taps).map { tap -> Double in
        let distance = Double(tap - (taps / 2 - 1)) - fraction
        return Self.sinc(cutoff * distance) * Self.kaiser(distance / (Double(taps) / 2), beta: beta)
      }
      // Each phase passes a constant unchanged.
      let gain = row.reduce(0, +)
      rows += row.map { Float($0 / gain) }
    }
    (self.up, self.down, self.taps, coefficients) = (up, down, taps, rows)
  }

  private static func sinc(_ x: Double) -> Double {
    abs(x) < 1e-12 ? 1 : sin(.pi * x) / (.pi * x)
  }

  private static func kaiser(_ x: Double, beta: Double) -> Double {
    abs(x) >= 1 ? 0 : besselI0(beta * (1 - x * x).squareRoot()) / besselI0(beta)
  }

  /// The modified Bessel function of order zero, by its power series.
  private static func besselI0(_ x: Double) -> Double {
    var sum = 1.0
    var term = 1.0
    var k = 1.0
    while term > sum * 1e-15 {
      term *= (x / (2 * k)) * (x / (2 * k))
      sum += term
      k += 1
    }
    return sum
  }

  private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    b == 0 ? a : greatestCommonDivisor(b, a % b)
  }
}
