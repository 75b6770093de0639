import Foundation
import Logging
import NexyConfig
import NexyCore
import NexyObservability
import NexyServer
import ServiceLifecycle
import UnixSignals

/// Puts changed flags in force while the server runs: looks at the files of settings twice a second, and at once on
/// SIGHUP. Other settings need a restart, and that is said.
struct SettingsWatch: Service {
  private static let period = Duration.milliseconds(250)

  let files: [String]
  let load: @Sendable () throws -> Settings
  /// What is in force since the start.
  let started: Settings
  let board: FlagBoard
  let health: ServerHealth
  let log: DecisionLog
  let onHangUp: @Sendable () -> Void

  /// From now on SIGHUP ends no process, also before the watch listens to it.
  static func survivesHangUps() { _ = signal(SIGHUP, SIG_IGN) }

  /// Watches until a graceful shutdown, or until its task is cancelled.
  func run() async {
    await cancelWhenGracefulShutdown {
      await withDiscardingTaskGroup { group in
        group.addTask { await watchFiles() }
        group.addTask { await watchSignals() }
      }
    }
  }

  private func watchFiles() async {
    var last = files.map(FileStamp.init)
    while (try? await Task.sleep(for: Self.period)) != nil {
      let now = files.map(FileStamp.init)
      if now != last { reload() }
      last = now
    }
  }

  private func watchSignals() async {
    for await _ in await UnixSignalsSequence(trapping: .sighup) {
      onHangUp()
      reload()
    }
  }

  /// Settings that are wrong change nothing: what was in force stays.
  private func reload() {
    let settings: Settings
    do {
      settings = try load()
    } catch {
      let reason = (error as? NexyError)?.message ?? "\(error)"
      health.note(.settings, "The changed settings are wrong and not in force: \(reason)")
      log.record(.reload, "Settings are wrong and not in force: \(reason)", scope: .server, level: .error)
      return
    }
    health.clear(.settings)
    for flag in board.set(settings.flags) {
      log.record(
        .reload, "Flag changed", scope: .server, level: .warning,
        context: ["flag": "\(flag.key)", "value": .stringConvertible(settings.flags[flag])])
    }
    let waiting = settings.changedKeys(from: started)
    if !waiting.isEmpty {
      log.record(
        .reload, "These settings act after a restart", scope: .server, level: .warning,
        context: ["keys": .array(waiting.map { "\($0)" })])
    }
  }
}

/// What tells that a file has changed, been replaced, come or gone.
private struct FileStamp: Equatable {
  private let modified: Date?
  private let size: Int?
  private let inode: Int?

  init(_ path: String) {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    modified = attributes?[.modificationDate] as? Date
    size = attributes?[.size] as? Int
    inode = attributes?[.systemFileNumber] as? Int
  }
}
