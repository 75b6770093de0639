/// A lease as somebody sees it who only looks.
package enum LeaseSight: Sendable, Equatable {
  case free
  /// Its holder is alive, as far as can be told from here.
  case held(LeaseHolder)
  /// Its time is over: anybody may take it.
  case expired(LeaseHolder)
  /// Its process ran on this machine and is gone: anybody may take it.
  case abandoned(LeaseHolder)
  /// Half a record, or another program's file; milliseconds since 1970. Whoever wrote it gets the longest term.
  case unreadable(since: Int64, until: Int64, isOver: Bool)

  /// Whether nobody else may take it now.
  package var isInForce: Bool {
    switch self {
    case .held, .unreadable(_, _, isOver: false): true
    case .free, .expired, .abandoned, .unreadable: false
    }
  }
}

/// Who holds a lease, and from when until when.
package struct LeaseHolder: Sendable, Equatable {
  /// What it does, in its own words.
  package let owner: String
  package let process: Int32
  package let host: String
  /// Milliseconds since 1970.
  package let since: Int64
  /// Milliseconds since 1970; from then on anybody may take it.
  package let expires: Int64

  init(_ record: LeaseRecord) {
    owner = record.owner
    process = record.process
    host = record.host
    since = record.since
    expires = record.expires
  }
}

extension LeaseSight {
  init(_ standing: LeaseFile.Standing, in surroundings: LeaseSurroundings) {
    let now = surroundings.wallTime()
    switch standing {
    case .free: self = .free
    case .held(let record) where record.expires <= now: self = .expired(LeaseHolder(record))
    case .held(let record) where record.host == surroundings.host && !surroundings.isRunning(record.process):
      self = .abandoned(LeaseHolder(record))
    case .held(let record): self = .held(LeaseHolder(record))
    case .unreadable(let modified):
      let end = modified + FileLease.longestTerm.wholeMilliseconds
      self = .unreadable(since: modified, until: end, isOver: end <= now)
    }
  }

  /// Why the lease cannot be taken now; nil when it can.
  func refusal(of path: String) -> NexyError? {
    switch self {
    case .held(let holder): FileLease.held(path, by: holder)
    case .unreadable(let since, let until, isOver: false): FileLease.held(path, unreadableSince: since, until: until)
    case .free, .expired, .abandoned, .unreadable: nil
    }
  }
}

extension FileLease {
  /// How a lease is now; nothing is taken, and a file that is not there stays so.
  /// - Throws: `NexyError` with code `leaseNotTaken` when its file cannot be used.
  package static func look(at path: String, in surroundings: LeaseSurroundings = .system) throws -> LeaseSight {
    let file = LeaseFile(path: path)
    guard file.exists else { return .free }
    return try file.transition { (.none, LeaseSight($0, in: surroundings)) }
  }

  /// Ends a lease whose holder is gone or whose time is over; no holder that is alive loses one.
  /// - Returns: what stood there; `free` when there was nothing to end.
  /// - Throws: `NexyError` with code `leaseHeld` or `leaseNotTaken`.
  package static func clear(at path: String, in surroundings: LeaseSurroundings = .system) throws -> LeaseSight {
    let file = LeaseFile(path: path)
    guard file.exists else { return .free }
    return try file.transition { standing in
      let sight = LeaseSight(standing, in: surroundings)
      if let refusal = sight.refusal(of: path) { throw refusal }
      return (sight == .free ? .none : .clear, sight)
    }
  }
}
