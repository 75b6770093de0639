#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The different words of a log, each kept once and known by its number from then on.
struct WordTable {
  /// All words' bytes, one after the other, and where each ends.
  private var bytes: ContiguousArray<UInt8> = []
  private var ends: ContiguousArray<Int> = []
  /// A word's number plus one, at its hash or behind it; zero is free. At most half of them are taken.
  private var slots = ContiguousArray<Int32>(repeating: 0, count: 64)

  /// - Parameter words: Get the numbers from 0 on, in their order.
  init(_ words: [String]) {
    for word in words { ContiguousArray(word.utf8).withUnsafeBytes { _ = number(of: $0) } }
  }

  var count: Int { ends.count }

  subscript(number: Int) -> String { String(decoding: bytes[range(of: number)], as: UTF8.self) }

  @inline(__always)
  mutating func number(of word: UnsafeRawBufferPointer) -> Int {
    var slot = Self.hash(word) & (slots.count - 1)
    while slots[slot] > 0 {
      let number = Int(slots[slot]) - 1
      if holds(number, word) { return number }
      slot = (slot + 1) & (slots.count - 1)
    }
    return add(word, at: slot)
  }

  /// The numbers that the other table's words have here.
  mutating func numbers(of other: WordTable) -> [Int] {
    (0..<other.count).map { number in
      other.bytes.withUnsafeBytes { self.number(of: UnsafeRawBufferPointer(rebasing: $0[other.range(of: number)])) }
    }
  }

  private func range(of number: Int) -> Range<Int> { (number == 0 ? 0 : ends[number - 1])..<ends[number] }

  @inline(__always)
  private func holds(_ number: Int, _ word: UnsafeRawBufferPointer) -> Bool {
    let range = range(of: number)
    guard range.count == word.count, let other = word.baseAddress else { return range.count == word.count }
    return bytes.withUnsafeBytes { memcmp($0.baseAddress! + range.lowerBound, other, range.count) == 0 }
  }

  private mutating func add(_ word: UnsafeRawBufferPointer, at slot: Int) -> Int {
    bytes.append(contentsOf: word)
    ends.append(bytes.count)
    slots[slot] = Int32(ends.count)
    if ends.count * 2 > slots.count { grow() }
    return ends.count - 1
  }

  private mutating func grow() {
    slots = ContiguousArray(repeating: 0, count: slots.count * 2)
    for number in 0..<ends.count {
      let hash = bytes.withUnsafeBytes { Self.hash(UnsafeRawBufferPointer(rebasing: $0[range(of: number)])) }
      var slot = hash & (slots.count - 1)
      while slots[slot] > 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = Int32(number + 1)
    }
  }

  /// FNV-1a, whose low bits are good enough for a table that a log of our own fills.
  @inline(__always)
  private static func hash(_ word: UnsafeRawBufferPointer) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in word { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return Int(truncatingIfNeeded: hash >> 8)
  }
}
