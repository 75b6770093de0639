/// Puts 16-bit samples, least significant byte first, together from bytes cut anywhere.
struct SampleJoiner {
  /// The first byte of a sample whose second has not come.
  private(set) var half: UInt8?

  /// Takes the next bytes and returns the samples that are now whole.
  mutating func take(_ bytes: UnsafeRawBufferPointer) -> [Int16] {
    guard let first = bytes.first else { return [] }
    let carried = half
    let start = carried == nil ? 0 : 1
    let whole = (bytes.count - start) / 2
    half = start + 2 * whole < bytes.count ? bytes[bytes.count - 1] : nil
    return [Int16](unsafeUninitializedCapacity: start + whole) { samples, count in
      if let carried { samples[0] = Int16(bitPattern: UInt16(carried) | UInt16(first) << 8) }
      for index in 0..<whole {
        let value = bytes.loadUnaligned(fromByteOffset: start + 2 * index, as: Int16.self)
        samples[start + index] = Int16(littleEndian: value)
      }
      count = start + whole
    }
  }
}
