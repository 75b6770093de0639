import NexyCore
import NexyUpdates

/// Carries plans out, one at a time and never half: a lease, a journal before each step, steps that may be done again.
package struct Funnel: Sendable {
  private let room: ReleaseRoom
  /// What a plan of this command is and where it goes; nil for a command that makes none.
  private let aim: (kind: ReleasePlan.Kind, channel: Channel)?
  private let owner: String

  /// - Parameter channel: where the release goes.
  package init(_ room: ReleaseRoom, _ kind: ReleasePlan.Kind, to channel: Channel) {
    self.room = room
    aim = (kind, channel)
    owner = "nexy release \(kind.rawValue)"
  }

  /// For a command that moves nothing itself.
  package init(_ room: ReleaseRoom, settlingFor owner: String) {
    self.room = room
    self.owner = owner
    aim = nil
  }

  /// What a command comes to.
  package enum Decision: Sendable {
    case carryOut(ReleasePlan)
    /// Nothing is to be done; why.
    case skip(String)
  }

  /// Does what `decide` says, after what an earlier command left was settled: undone while nothing of it was seen, else
  /// finished.
  ///
  /// - Parameter decide: is asked under the lease.
  /// - Returns: what was carried out, or why nothing was.
  /// - Throws: `NexyError` with code `leaseHeld` when somebody else works here; what a step throws. The journal of a
  ///   failed step stays, and the same command goes on from it.
  package func run(_ decide: @escaping @Sendable () async throws -> Decision) async throws -> Decision {
    try Folder.make(room.options.stateFolder)
    try Folder.make(room.options.manifests)
    return try await FileLease.withLease(at: room.options.lockPath, owner: owner, in: room.surroundings) { lease in
      let left = try room.journal.read()
      // What is half done must not be taken for what stands.
      if let left, !left.isUnseen { try await carryOut(left, lease, again: true) }
      let decision = try await decide()
      switch (decision, left) {
      case (.carryOut(let plan), let left?) where left.plan.isSame(as: plan):
        if left.isUnseen { try await carryOut(left, lease, again: true) }
        return .carryOut(left.plan)
      case (.skip, let left?) where !left.isUnseen && aim.map { $0 == (left.plan.kind, left.plan.target) } == true:
        return .carryOut(left.plan)
      default: break
      }
      if let left, left.isUnseen { try await undo(left) }
      guard case .carryOut(let plan) = decision else { return decision }
      let journal = ReleaseJournal(plan: plan, done: 0, startedAt: ISO8601.text(milliseconds: room.now))
      try await carryOut(journal, lease, again: false)
      return decision
    }
  }

  /// Settles what an earlier command left: undone while nothing of it was seen, else finished. Nothing when all is done.
  /// - Throws: as `run`.
  package func settle() async throws {
    guard try room.journal.read() != nil else { return }
    try await FileLease.withLease(at: room.options.lockPath, owner: owner, in: room.surroundings) { lease in
      guard let left = try room.journal.read() else { return }
      if left.isUnseen { try await undo(left) } else { try await carryOut(left, lease, again: true) }
    }
  }

  /// Gives up what an earlier command left and nobody can finish: its journal is put aside, and no shelf is touched. Feeds
  /// name bytes that stay until the next publication, which clears away what lies about.
  ///
  /// - Returns: Where the journal lies now; nil when nothing was under way.
  /// - Throws: `NexyError` with code `leaseHeld` when somebody else works here, or `fileNotWritten`.
  package func abandon() async throws -> String? {
    guard try room.journal.read() != nil else { return nil }
    return try await FileLease.withLease(at: room.options.lockPath, owner: owner, in: room.surroundings) { _ in
      guard let left = try room.journal.read() else { return nil }
      return try room.journal.putAside(left)
    }
  }

  private func carryOut(_ journal: ReleaseJournal, _ lease: FileLease, again: Bool) async throws {
    var journal = journal
    let plan = journal.plan
    if again {
      room.voice.say(
        "Resuming \(plan.kind.rawValue) of \(plan.version) to \(plan.channel), begun at \(journal.startedAt)")
    }
    let steps = plan.steps
    let work = FunnelWork(room: room, owner: owner, plan: plan)
    // From the first one: what a step did may be gone meanwhile, and a step that finds its work done costs little.
    for index in steps.indices {
      journal.done = max(journal.done, index)
      try lease.confirm()
      try room.journal.write(journal)
      room.voice.say("[\(index + 1)/\(steps.count)] \(plan.words(steps[index]))")
      try await work.perform(steps[index])
    }
    try room.journal.remove()
  }

  /// Takes back what nobody has seen.
  private func undo(_ journal: ReleaseJournal) async throws {
    let plan = journal.plan
    room.voice.say("Undoing \(plan.kind.rawValue) of \(plan.version) to \(plan.channel), begun at \(journal.startedAt)")
    try await FunnelWork(room: room, owner: owner, plan: plan).undo()
    try room.journal.remove()
  }
}
