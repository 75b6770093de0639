import NIOCore
import NIOHTTP1

extension ProviderFault {
  /// No engine is called for a text without a single character to say.
  static let nothingToSay = ProviderFault(.requestRefused, "There was nothing to say in the text.")
}

extension UpstreamAnswer {
  /// Gives the answer's sound to `emit` as it arrives, in pieces of at most a tenth of a second; what came first is
  /// given at once. Nothing is read while `emit` waits.
  ///
  /// - Parameter rate: Samples a second that `emit` takes.
  /// - Throws: `ProviderFault`, `CancellationError`, or what `emit` threw.
  func emitSound(
    rate: Int, vendor: Upstream.Vendor, emit: @Sendable ([Int16]) async throws -> Void
  ) async throws {
    var stream = try PCMStream(rate: rate, contentType: headers.first(name: "content-type") ?? "", vendor: vendor)
    for try await buffer in body {
      let samples = try buffer.withUnsafeReadableBytes { try stream.take($0) }
      try await Self.emit(samples, piece: rate / 10, emit)
    }
    try await Self.emit(stream.finish(), piece: rate / 10, emit)
  }

  private static func emit(
    _ samples: [Int16], piece: Int, _ emit: @Sendable ([Int16]) async throws -> Void
  ) async throws {
    guard samples.count > piece else {
      if !samples.isEmpty { try await emit(samples) }
      return
    }
    for start in stride(from: 0, to: samples.count, by: piece) {
      try await emit(Array(samples[start..<min(start + piece, samples.count)]))
    }
  }
}
