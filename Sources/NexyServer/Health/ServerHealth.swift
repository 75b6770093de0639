import NexyCore
import Synchronization

/// Whether the server can do its work, and what is in the way.
package final class ServerHealth: Sendable {
  /// Something that is wrong now.
  package struct Trouble: Sendable, Equatable {
    /// What stands in the way; one trouble of a kind and a subject at a time.
    package enum Kind: String, Sendable, CaseIterable { case draining, speech, settings, log, provider, database }

    package let kind: Kind
    /// Whose trouble it is, where there are several, such as a provider's name and its key's end.
    package let subject: String
    /// What is wrong and what to do, for an operator.
    package let reason: String

    /// Whether no turn can be served while it lasts.
    var stopsServing: Bool { kind == .draining || kind == .speech }
  }

  /// How the server is, in one word.
  package enum Condition: String, Sendable { case ready = "OK", degraded, draining }

  package struct Report: Sendable, Equatable {
    package var troubles: [Trouble] = []

    package var isServing: Bool { !troubles.contains(where: \.stopsServing) }
    package var condition: Condition {
      if troubles.contains(where: { $0.kind == .draining }) { return .draining }
      return troubles.isEmpty ? .ready : .degraded
    }
  }

  private struct State {
    var report = Report()
    var watchers: [Int: AsyncStream<Report>.Continuation] = [:]
    var lastID = 0
  }

  private let state = Mutex(State())

  package init() {}

  package var report: Report { state.withLock { $0.report } }

  /// Notes a trouble; one of the same kind and subject is replaced.
  ///
  /// - Returns: Whether anything is new.
  @discardableResult
  package func note(_ kind: Trouble.Kind, of subject: String = "", _ reason: String) -> Bool {
    change { report in
      let trouble = Trouble(kind: kind, subject: subject, reason: reason)
      guard !report.troubles.contains(trouble) else { return }
      report.troubles.removeAll { $0.kind == kind && $0.subject == subject }
      report.troubles.append(trouble)
    }
  }

  /// A trouble is over.
  ///
  /// - Returns: Whether there was one.
  @discardableResult
  package func clear(_ kind: Trouble.Kind, of subject: String = "") -> Bool {
    change { $0.troubles.removeAll { $0.kind == kind && $0.subject == subject } }
  }

  /// Tells the report now and each later one; slow readers get the newest only.
  func watch() -> Watch {
    let (stream, continuation) = AsyncStream.makeStream(of: Report.self, bufferingPolicy: .bufferingNewest(1))
    let id = state.withLock { state in
      state.lastID += 1
      state.watchers[state.lastID] = continuation
      continuation.yield(state.report)
      return state.lastID
    }
    return Watch(reports: stream) { [weak self] in
      let watcher = self?.state.withLock { $0.watchers.removeValue(forKey: id) }
      watcher?.finish()
    }
  }

  struct Watch: Sendable {
    let reports: AsyncStream<Report>
    let stop: @Sendable () -> Void
  }

  /// How many watch.
  var watcherCount: Int { state.withLock { $0.watchers.count } }

  private func change(_ body: (inout Report) -> Void) -> Bool {
    state.withLock { state in
      let old = state.report
      body(&state.report)
      guard state.report != old else { return false }
      for watcher in state.watchers.values { watcher.yield(state.report) }
      return true
    }
  }
}
