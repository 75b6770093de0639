#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The file of a lease, and the only way to change it: one process at a time.
///
/// `flock(2)` guards each reading and writing of the record for some microseconds, and never the work itself. So two
/// takers of one expired lease cannot both win, whoever dies in between leaves nothing locked, and a holder that hangs
/// is known by name and until when. (A file created with O_EXCL alone has no safe way to be taken over: between reading
/// that it is stale and removing it, somebody else may have taken it.) On NFS, Linux turns `flock` into a lock of the
/// server, so machines that share a folder exclude each other too.
struct LeaseFile: Sendable {
  /// What a file holds at a moment.
  enum Standing: Equatable {
    case free
    case held(LeaseRecord)
    /// Something else than a record, last changed then, in milliseconds since 1970.
    case unreadable(modified: Int64)
  }

  /// What becomes of it.
  enum Change {
    case none
    case write(LeaseRecord)
    case clear
  }

  /// Tries of one millisecond each: a transition takes microseconds.
  private static let patience = 2000

  let path: String

  /// Whether anything stands at the path, a link to nothing included.
  var exists: Bool {
    var status = stat()
    return lstat(path, &status) == 0 || errno != ENOENT
  }

  /// Reads what stands, and writes what `decide` wants, with no other process in between.
  ///
  /// The file is emptied, never removed: a file that is removed while another process waits for its lock would leave
  /// that process with a lock on nothing.
  /// - Throws: what `decide` throws, or `NexyError` with code `leaseNotTaken`.
  func transition<Outcome>(_ decide: (Standing) throws -> (Change, Outcome)) throws -> Outcome {
    let descriptor = try guarded()
    defer { close(descriptor) }
    let (change, outcome) = try decide(try standing(descriptor))
    switch change {
    case .none: break
    case .write(let record): try write(record, descriptor)
    case .clear: guard ftruncate(descriptor, 0) == 0 else { throw failure("could not be emptied") }
    }
    return outcome
  }

  /// The file, open and locked; closing it gives the lock back.
  private func guarded() throws -> Int32 {
    for _ in 0..<Self.patience {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
      guard descriptor >= 0 else { throw failure("could not be opened") }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
        if isStillThere(descriptor) { return descriptor }
      } else if errno != EWOULDBLOCK && errno != EINTR {
        let error = failure("could not be locked")
        close(descriptor)
        throw error
      }
      close(descriptor)
      usleep(1000)
    }
    throw NexyError(
      .leaseNotTaken,
      "\(path) is being changed by another process that does not go on. End that process and try again.")
  }

  /// Whether the path still names what was opened: an operator may have removed the file meanwhile.
  private func isStillThere(_ descriptor: Int32) -> Bool {
    var (opened, named) = (stat(), stat())
    return fstat(descriptor, &opened) == 0 && lstat(path, &named) == 0
      && opened.st_ino == named.st_ino && opened.st_dev == named.st_dev
  }

  private func standing(_ descriptor: Int32) throws -> Standing {
    var bytes = [UInt8](repeating: 0, count: LeaseRecord.length + 1)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    guard count >= 0 else { throw failure("could not be read") }
    if count == 0 { return .free }
    if let record = LeaseRecord(Array(bytes.prefix(count))) { return .held(record) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure("could not be read") }
    #if canImport(Darwin)
    let modified = status.st_mtimespec
    #else
    let modified = status.st_mtim
    #endif
    return .unreadable(modified: Int64(modified.tv_sec) * 1000 + Int64(modified.tv_nsec) / 1_000_000)
  }

  private func write(_ record: LeaseRecord, _ descriptor: Int32) throws {
    let bytes = record.bytes
    // Not flushed to disk: after a power cut nobody holds it.
    guard pwrite(descriptor, bytes, bytes.count, 0) == bytes.count, ftruncate(descriptor, off_t(bytes.count)) == 0
    else { throw failure("could not be written") }
  }

  private func failure(_ what: String) -> NexyError {
    let reason = String(cString: strerror(errno))
    return NexyError(.leaseNotTaken, "\(path) \(what): \(reason). Check the folder and who may write to it.")
  }
}
