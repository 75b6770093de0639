import ArgumentParser
import NexyConfig
import NexyCore
import NexyRelease
import NexyUpdates

/// `nexy release unlock`: who holds the locks of a release, and the end of those that nobody holds any more.
struct ReleaseUnlock: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unlock", abstract: "Shows who holds the release locks; --take-over clears those left behind.",
    discussion: """
      A command that is stopped leaves its lock behind until its time is over. --take-over clears a lock whose process is gone or whose time is \
      over; one that somebody alive holds is never taken. What a stopped publication left undone is settled by the next one. \
      When that cannot be (its server is gone for good), --abandon puts its journal aside: the feeds stay as they are, and the \
      next publication clears up.

      Exit status: 0 free or cleared, 1 a lock's file cannot be used, 2 wrong usage, 3 somebody alive holds one.
      """)

  @Flag(help: "Clear locks whose process is gone or whose time is over.") var takeOver = false
  @Flag(help: "Give up what a stopped command left undone.") var abandon = false
  @Flag(help: "Print a JSON array instead of lines.") var json = false
  @OptionGroup var flags: SettingsFlags

  func run() async throws {
    let settings = try flags.load()
    let paths = [
      "\(settings.release.stateFolder)/release.lock", "\(settings.updates.manifests)/\(ManifestWriter.leaseName)",
    ]
    let rows = try paths.map { path in
      let sight = try FileLease.look(at: path)
      // Whoever took it between the look and the clearing keeps it, and is told as its holder.
      guard takeOver, !sight.isInForce else { return LockDocument(path, sight, isCleared: false) }
      do {
        let cleared = try FileLease.clear(at: path)
        return LockDocument(path, cleared, isCleared: cleared != .free)
      } catch let error as NexyError where error.code == .leaseHeld {
        return LockDocument(path, try FileLease.look(at: path), isCleared: false)
      }
    }
    if json { try Terminal.json(rows) } else { for row in rows { Terminal.print(row.line.printable) } }
    let held = rows.filter(\.inForce).map(\.path)
    try await ReleaseFailure.told {
      guard held.isEmpty else {
        throw NexyError(
          .leaseHeld,
          "\(held.joined(separator: " and ")) is held. Wait until its holder is done, or end that process first.")
      }
      if abandon { try await giveUp(settings) }
    }
  }

  private func giveUp(_ settings: Settings) async throws {
    try await ReleaseAssembly(settings: settings) { Terminal.error($0.printable) }.withRoom { room, _ in
      let aside = try await Funnel(room, settlingFor: "nexy release unlock --abandon").abandon()
      Terminal.error((aside.map { "Put aside: \($0)" } ?? "Nothing is under way.").printable)
    }
  }
}

/// A lock as it is shown.
private struct LockDocument: Encodable {
  let path: String
  let state: String
  let owner: String?
  let process: Int32?
  let host: String?
  let since: String?
  let until: String?
  let cleared: Bool
  let inForce: Bool

  init(_ path: String, _ sight: LeaseSight, isCleared: Bool) {
    self.path = path
    cleared = isCleared
    inForce = sight.isInForce
    var (holder, times): (LeaseHolder?, (since: Int64, until: Int64)?)
    switch sight {
    case .free: state = "free"
    case .held(let who): (state, holder) = ("held", who)
    case .expired(let who): (state, holder) = ("expired", who)
    case .abandoned(let who): (state, holder) = ("abandoned", who)
    case .unreadable(let since, let until, _): (state, times) = ("unreadable", (since, until))
    }
    times = times ?? holder.map { ($0.since, $0.expires) }
    owner = holder?.owner
    process = holder?.process
    host = holder?.host
    since = times.map { ISO8601.text(milliseconds: $0.since) }
    until = times.map { ISO8601.text(milliseconds: $0.until) }
  }

  var line: String {
    var line = cleared ? "cleared (\(state))" : state
    line += "  \(path)"
    if let owner, let process, let host { line += "  \(owner) (process \(process) on \(host))" }
    if let since, let until { line += "  since \(since) until \(until)" }
    if !cleared, !inForce, state != "free" { line += "  --take-over clears it; the next command takes it without" }
    return line
  }
}
