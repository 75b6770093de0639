import NexyCore
import NexyUpdates

/// Sets versions: one writer at a time, every place or none.
///
/// The journal is written before the first file. A writer that fails puts back what it wrote; what a writer left that
/// was killed is finished by the next one before it does anything else.
package struct VersionWriter: Sendable {
  /// What was done.
  package struct Outcome: Sendable {
    package let plan: VersionPlan
    /// The change of somebody else that was finished first.
    package let finished: FinishedChange?
  }

  /// A change that was cut short, and what became of it.
  package struct FinishedChange: Sendable, Equatable {
    package let version: String
    /// Files that somebody changed in between; they stayed as they were.
    package let leftAlone: [String]
  }

  private static let owner = "nexy version set"

  private let places: [VersionPlace]
  private let rules: ManifestRules
  private let stateFolder: String
  private let patience: Duration
  private let surroundings: LeaseSurroundings
  private let storage: PlaceStorage

  /// - Parameters:
  ///   - rules: What a manifest may hold.
  ///   - stateFolder: Where the lease and the journal are.
  ///   - folder: The working folder, absolute; what paths of the table are relative to.
  ///   - patience: How long to wait for somebody else.
  package init(
    places: [VersionPlace], rules: ManifestRules, stateFolder: String, folder: String,
    waitingAtMost patience: Duration = .seconds(1), in surroundings: LeaseSurroundings = .system
  ) {
    self.init(
      places: places, rules: rules, stateFolder: stateFolder, waitingAtMost: patience, in: surroundings,
      storage: PlaceStorage(folder: folder))
  }

  init(
    places: [VersionPlace], rules: ManifestRules, stateFolder: String, waitingAtMost patience: Duration = .zero,
    in surroundings: LeaseSurroundings = .system, storage: PlaceStorage
  ) {
    self.places = places
    self.rules = rules
    self.stateFolder = storage.absolute(stateFolder)
    self.patience = patience
    self.surroundings = surroundings
    self.storage = storage
  }

  /// What stands now.
  package func survey() -> VersionSurvey { VersionSurvey(places, rules: rules, read: storage.read) }

  /// A change that was cut short.
  /// - Throws: `NexyError` with code `workFileUnreadable`.
  package func unfinished() throws -> VersionJournal? { try VersionJournal.standing(in: stateFolder) }

  /// What `set` would do, with every check that it makes and without a byte written.
  /// - Throws: as `set`, and never an error of the lease.
  package func rehearse(
    _ version: ReleaseVersion, axes: [VersionAxis], isOverridden: Bool = false,
    onFinish tell: (FinishedChange) -> Void = { _ in }
  ) throws -> Outcome {
    let journal = try unfinished()
    var (written, leftAlone): ([String: [UInt8]], [String]) = ([:], [])
    for file in journal?.files ?? [] {
      switch file.remainder(PlaceFile.reading(file.path)) {
      case .write(let bytes): written[file.path] = bytes
      case .foreign: leftAlone.append(file.path)
      case .nothing: break
      }
    }
    let survey = VersionSurvey(places, rules: rules) { [written] path in
      written[storage.absolute(path)].map { .present($0, nil) } ?? storage.read(path)
    }
    let finished = journal.map { FinishedChange(version: $0.version, leftAlone: leftAlone) }
    if let finished { tell(finished) }
    return Outcome(plan: try plan(version, axes, survey, isOverridden), finished: finished)
  }

  /// Puts a version in every place of some axes that stands, and makes the files that are to hold one.
  /// - Parameter tell: is told of a change of somebody else once it is finished, also when this one is refused then.
  /// - Throws: `NexyError` with code `versionNotSettable`, `versionStepRefused`, `fileNotWritten`,
  ///   `workFileUnreadable`, or one of `FileLease`.
  package func set(
    _ version: ReleaseVersion, axes: [VersionAxis], isOverridden: Bool = false,
    onFinish tell: @escaping @Sendable (FinishedChange) -> Void = { _ in }
  ) async throws -> Outcome {
    try storage.makeFolder(stateFolder)
    return try await FileLease.withLease(
      at: "\(stateFolder)/release.lock", owner: Self.owner, waitingAtMost: patience, in: surroundings
    ) { lease in
      storage.clearAway(besides: places.map(\.path) + ["\(stateFolder)/\(VersionJournal.name)"])
      let finished = try finish(lease)
      if let finished { tell(finished) }
      let plan = try plan(version, axes, survey(), isOverridden)
      if !plan.files.isEmpty { try write(plan, lease) }
      return Outcome(plan: plan, finished: finished)
    }
  }

  private func plan(
    _ version: ReleaseVersion, _ axes: [VersionAxis], _ survey: VersionSurvey, _ isOverridden: Bool
  ) throws -> VersionPlan {
    let plan = try VersionPlan(of: version, axes: axes, in: survey, isOverridden: isOverridden)
    let problems = plan.files.compactMap { storage.obstacle($0.path) }
    guard problems.isEmpty else {
      throw NexyError(
        .versionNotSettable, (["Nothing was written: not every place can be set."] + problems).joined(separator: "\n  ")
      )
    }
    return plan
  }

  // MARK: - Under the lease

  /// Writes what a change that was cut short had still to write.
  private func finish(_ lease: FileLease) throws -> FinishedChange? {
    guard let journal = try unfinished() else { return nil }
    var leftAlone: [String] = []
    for file in journal.files {
      switch file.remainder(PlaceFile.reading(file.path)) {
      case .nothing: break
      case .foreign: leftAlone.append(file.path)
      case .write(let bytes):
        try lease.confirm()
        _ = try storage.write(bytes, to: file.path)
      }
    }
    try VersionJournal.remove(from: stateFolder)
    return FinishedChange(version: journal.version, leftAlone: leftAlone)
  }

  private func write(_ plan: VersionPlan, _ lease: FileLease) throws {
    try lease.confirm()
    try VersionJournal(plan, folder: storage.folder).write(to: stateFolder)
    var made: [String] = []
    do {
      for change in plan.files {
        try lease.confirm()
        made += try storage.write(change.new, to: change.path)
      }
    } catch let error as NexyError where error.code == .leaseLost {
      // Whoever has the lease now has the journal as well, and finishes the change.
      throw error
    } catch {
      do { try putBack(plan.files, made) } catch let failure {
        throw NexyError(
          .fileNotWritten,
          "Not every place was written, and not all could be put back. Run nexy version set again: it finishes the change.",
          detail: "\(error); \(failure)", cause: error)
      }
      throw error
    }
    try VersionJournal.remove(from: stateFolder)
  }

  /// Undoes a change in this process: nobody else has seen it.
  private func putBack(_ changes: [FileChange], _ folders: [String]) throws {
    for change in changes.reversed() where storage.read(change.path).bytes == change.new {
      if let old = change.old { _ = try storage.write(old, to: change.path) } else { try storage.remove(change.path) }
    }
    for folder in folders.reversed() { storage.removeIfEmpty(folder) }
    try VersionJournal.remove(from: stateFolder)
  }
}
