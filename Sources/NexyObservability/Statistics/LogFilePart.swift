import NexyCore

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The lines that begin in a range of a file; the last may end behind it.
struct LogFilePart {
  let descriptor: Int32
  /// Cannot be read at a place of one's choice.
  let isStream: Bool
  let range: Range<Int>
  /// For the error's message.
  let name: String

  /// Reads the lines in large blocks.
  ///
  /// - Parameters:
  ///   - block: Takes whole lines; only the file's last may lack its newline.
  ///   - overlong: Takes the beginning of a line that is longer than a block; the rest of it is dropped.
  func read(
    _ blockBytes: Int, onRead: (Int) -> Void, block: (UnsafeRawBufferPointer) -> Void,
    overlong: (UnsafeRawBufferPointer) -> Void
  ) throws {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: blockBytes, alignment: 64)
    defer { buffer.deallocate() }
    // A line begins behind a newline, so the one before the range tells whether the range begins with a line.
    var isDropping = range.lowerBound > 0
    var offset = max(range.lowerBound - 1, 0)
    var filled = 0
    while true {
      let count = try fill(UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]), from: offset)
      onRead(count)
      offset += count
      filled += count
      let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<filled])
      guard count > 0 else {
        if !isDropping, filled > 0 { block(bytes) }
        return
      }
      var start = 0
      if isDropping {
        guard let newline = Self.newline(in: bytes, from: 0) else {
          filled = 0
          continue
        }
        (start, isDropping) = (newline + 1, false)
      }
      let base = offset - filled
      guard base + start < range.upperBound else { return }
      // The newline before the first line that is no longer ours.
      let border = max(range.upperBound - 1 - base, start)
      if border < filled, let newline = Self.newline(in: bytes, from: border) {
        return block(UnsafeRawBufferPointer(rebasing: bytes[start...newline]))
      }
      if let newline = bytes.lastIndex(of: 0x0A), newline >= start {
        block(UnsafeRawBufferPointer(rebasing: bytes[start...newline]))
        start = newline + 1
      } else if start == 0, filled == blockBytes {
        overlong(bytes)
        (start, isDropping) = (filled, true)
      }
      memmove(buffer.baseAddress!, buffer.baseAddress! + start, filled - start)
      filled -= start
    }
  }

  private static func newline(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    guard start < bytes.count, let base = bytes.baseAddress else { return nil }
    return memchr(base + start, 0x0A, bytes.count - start).map { UnsafeRawPointer($0) - base }
  }

  /// Reads what there is, at most the buffer full; 0 at the end.
  private func fill(_ buffer: UnsafeMutableRawBufferPointer, from offset: Int) throws -> Int {
    while true {
      let count =
        isStream
        ? Self.read(descriptor, buffer) : pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
      if count >= 0 { return count }
      guard errno == EINTR else {
        let reason = String(cString: strerror(errno))
        throw NexyError(.logNotRead, "\(name) could not be read to its end: \(reason).")
      }
    }
  }

  private static func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    #if canImport(Darwin)
    Darwin.read(descriptor, buffer.baseAddress, buffer.count)
    #else
    Glibc.read(descriptor, buffer.baseAddress, buffer.count)
    #endif
  }
}
