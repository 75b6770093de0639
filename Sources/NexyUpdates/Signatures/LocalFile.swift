import NexyCore

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A regular file, open for reading while a closure runs; whatever becomes of its name, the bytes stay those of one file.
package struct LocalFile: Sendable {
  package let path: String
  package let descriptor: Int32

  /// - Parameter followsLinks: Whether a symbolic link at the path's end leads to the file, or is no file.
  /// - Throws: `NexyError` with code `fileNotRead`; what `body` throws.
  package static func with<Value>(
    _ path: String, followsLinks: Bool = true, _ body: (LocalFile) async throws -> Value
  ) async throws -> Value {
    let file = try LocalFile(opening: path, followsLinks: followsLinks)
    defer { close(file.descriptor) }
    return try await body(file)
  }

  /// - Throws: `NexyError` with code `fileNotRead`; what `body` throws.
  static func with<Value>(_ path: String, _ body: (LocalFile) throws -> Value) throws -> Value {
    let file = try LocalFile(opening: path)
    defer { close(file.descriptor) }
    return try body(file)
  }

  /// A small file's first bytes.
  /// - Returns: nil when there is no file.
  /// - Throws: `NexyError` with code `fileNotRead`.
  static func head(_ path: String, atMost count: Int) throws -> [UInt8]? {
    if access(path, F_OK) != 0, errno == ENOENT { return nil }
    return try with(path) { file in
      try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        filled = try file.read(into: UnsafeMutableRawBufferPointer(buffer), at: 0)
      }
    }
  }

  /// Opens a file that whoever asked closes.
  /// - Throws: `NexyError` with code `fileNotRead`.
  package init(opening path: String, followsLinks: Bool = true) throws {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (followsLinks ? 0 : O_NOFOLLOW))
    guard descriptor >= 0 else { throw failure() }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw NexyError(.fileNotRead, "\(path) is no regular file. Give the path of a file.")
    }
  }

  init(path: String, descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  /// What the file is now.
  /// - Throws: `NexyError` with code `fileNotRead`.
  package func stamp() throws -> FileStamp {
    var status = stat()
    guard fstat(descriptor, &status) == 0, let stamp = FileStamp(status) else { throw failure() }
    return stamp
  }

  /// Reads from `offset` until the buffer is full or the file ends, whatever the descriptor's own place is.
  /// - Throws: `NexyError` with code `fileNotRead`.
  package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int {
    var count = 0
    while count < buffer.count {
      let read = pread(descriptor, buffer.baseAddress! + count, buffer.count - count, off_t(offset) + off_t(count))
      if read < 0 && errno == EINTR { continue }
      guard read >= 0 else { throw failure() }
      if read == 0 { break }
      count += read
    }
    return count
  }

  /// The whole file, mapped and not copied: its pages come from the disk when they are read and go when memory is short.
  ///
  /// Who shortens a mapped file in place ends the process that maps it (SIGBUS, mmap(2)); a file that is replaced by
  /// renaming, as all our own are, does no harm.
  func mapped<Value>(_ size: Int64, _ body: (UnsafeRawBufferPointer) throws -> Value) throws -> Value {
    guard size > 0 else { return try body(UnsafeRawBufferPointer(start: nil, count: 0)) }
    guard let start = mmap(nil, Int(size), PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
      throw failure()
    }
    defer { munmap(start, Int(size)) }
    madvise(start, Int(size), MADV_SEQUENTIAL)
    return try body(UnsafeRawBufferPointer(start: start, count: Int(size)))
  }

  private func failure() -> NexyError {
    NexyError(.fileNotRead, "\(path) could not be read: \(String(cString: strerror(errno))). Check the path.")
  }
}

extension NexyError.Code {
  /// A file could not be read.
  package static let fileNotRead = Self("file_not_read")
  /// A file is larger than anything that is signed or served here.
  package static let fileTooLarge = Self("file_too_large")
  /// A file was changed while it was read.
  package static let fileChanged = Self("file_changed")
}
