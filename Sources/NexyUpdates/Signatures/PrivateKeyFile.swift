import NexyCore

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A private key where only its owner reads it: a file with mode 0600, or standard input.
package enum PrivateKeyFile {
  /// A key's line has 45 bytes, the older form's 129.
  private static let longest = 4096

  /// The key in a file.
  /// - Throws: `NexyError` with code `signingKeyNotRead` when the file is a link, no regular file, somebody else's, open
  ///   to others, too long or missing; `signingKeyUnusable` when there is no key in it.
  package static func read(_ path: String) throws -> SparklePrivateKey {
    // O_NONBLOCK: a pipe at this place must not make the command wait for its writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { throw errno == ELOOP ? isLink(path) : failure(path, "could not be read") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure(path, "could not be read") }
    if let reason = refusal(status, path) { throw NexyError(.signingKeyNotRead, "\(path) \(reason)") }
    var bytes = [UInt8](repeating: 0, count: longest + 1)
    var count = 0
    while count < bytes.count {
      let room = bytes.count - count
      let read = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress! + count, room, off_t(count)) }
      if read < 0 && errno == EINTR { continue }
      guard read >= 0 else { throw failure(path, "could not be read") }
      if read == 0 { break }
      count += read
    }
    return try key(Array(bytes.prefix(count)), from: path)
  }

  /// The key in what standard input gave.
  /// - Throws: as `read`.
  package static func read(standardInput bytes: [UInt8]) throws -> SparklePrivateKey {
    try key(bytes, from: "standard input")
  }

  /// Writes a key to a new file that only its owner reads.
  /// - Throws: `NexyError` with code `signingKeyNotWritten`; a file that is there already is never touched.
  package static func write(_ key: SparklePrivateKey, to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      if errno == EEXIST {
        throw NexyError(
          .signingKeyNotWritten, "\(path) is there already and was left as it is. Name another file for the new key.")
      }
      throw failure(path, "could not be written", .signingKeyNotWritten)
    }
    defer { close(descriptor) }
    let line = Array("\(key.seedText)\n".utf8)
    guard fchmod(descriptor, 0o600) == 0, pwrite(descriptor, line, line.count, 0) == line.count, fsync(descriptor) == 0
    else {
      let error = failure(path, "could not be written", .signingKeyNotWritten)
      unlink(path)
      throw error
    }
  }

  private static func refusal(_ status: stat, _ path: String) -> String? {
    guard status.st_mode & S_IFMT == S_IFREG else { return "is no file. Give the file that holds the key." }
    guard status.st_uid == geteuid() else {
      return "belongs to another user. Copy the key into a file of your own with mode 0600."
    }
    guard status.st_mode & 0o7777 & ~0o600 == 0 else {
      return "can be read by others than its owner, or run. Close it with `chmod 600 \(path)`."
    }
    guard status.st_size <= off_t(longest) else { return "is too long for a key. Give the file that holds the key." }
    return nil
  }

  private static func key(_ bytes: [UInt8], from place: String) throws -> SparklePrivateKey {
    guard bytes.count <= longest, let text = String(validating: bytes, as: UTF8.self) else {
      throw NexyError(.signingKeyNotRead, "\(place) holds no key. Give the one line that holds it.")
    }
    return try SparklePrivateKey(base64: text)
  }

  private static func isLink(_ path: String) -> NexyError {
    NexyError(.signingKeyNotRead, "\(path) is a link. Name the file itself.")
  }

  private static func failure(
    _ path: String, _ what: String, _ code: NexyError.Code = .signingKeyNotRead
  ) -> NexyError {
    NexyError(code, "\(path) \(what): \(String(cString: strerror(errno))). Check the path and its folder.")
  }
}

extension NexyError.Code {
  /// A private key was not read, because its file is missing or not safe.
  package static let signingKeyNotRead = Self("signing_key_not_read")
  /// A private key was not written.
  package static let signingKeyNotWritten = Self("signing_key_not_written")
}
