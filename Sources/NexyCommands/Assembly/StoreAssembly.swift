import Logging
import NexyConfig
import NexyCore
import NexyObservability
import NexyProviders
import NexyServer
import NexyVoice

/// What the server keeps on disk: usage, and what is remembered of conversations.
struct StoreAssembly {
  let ledger: SwitchedLedger
  private let usage: SQLiteUsageLedger
  private let memory: SQLiteMemory
  private let log: DecisionLog
  private let settings: Settings

  init(_ settings: Settings, board: FlagBoard, health: ServerHealth, log: DecisionLog) {
    let store = SQLiteStore(path: settings.databasePath)
    let report: @Sendable (NexyError) -> Void = { error in
      health.note(.database, of: "\(error.code)", error.message)
      log.record(
        .error, error.message, scope: .server, level: .error,
        context: ["error_type": "\(error.code)", "detail": "\(error.fullDetail ?? "")"])
    }
    let recovered: @Sendable (NexyError.Code) -> Void = { code in
      if health.clear(.database, of: "\(code)") { log.record(.recover, "The database works again", scope: .server) }
    }
    usage = SQLiteUsageLedger(store: store, report: report, onRecovery: { recovered(.usageNotRecorded) })
    ledger = SwitchedLedger(ledger: usage, isOn: { board.current.recordsUsage })
    memory = SQLiteMemory(
      store: store, limits: Self.limits(settings.memory), recallsFacts: settings.memory.keepsFacts, report: report,
      onRecovery: { recovered(.memoryNotKept) })
    self.log = log
    self.settings = settings
  }

  static func limits(_ settings: Settings.Memory) -> MemoryLimits {
    MemoryLimits(shortTermBytes: settings.recentBytes, longTermBytes: settings.factBytes, age: settings.recentAge)
  }

  /// What turns remember in, and the work behind it all.
  ///
  /// - Parameter model: Asked for lasting facts; nil where no language model is configured that could.
  func open(model: (any LanguageModel)?) -> (memory: (any ConversationMemory)?, work: [BackgroundWork]) {
    // Where nothing is remembered any more, what was is still deleted when it is too old.
    var work = [BackgroundWork { [usage] in await usage.run() }, BackgroundWork { [memory] in await memory.run() }]
    guard settings.memory.isOn else { return (nil, work) }
    guard settings.memory.keepsFacts, let model else { return (memory, work) }
    let learning = LearningMemory(memory, model: model, timeout: settings.memory.analysisLimit) { [log] error in
      log.record(
        .warning, error.message, scope: .server, level: .warning, context: ["error_type": "\(error.code)"])
    }
    work.append(BackgroundWork { await learning.run() })
    return (learning, work)
  }
}

/// A ledger that a kill switch closes.
struct SwitchedLedger: UsageLedger {
  let ledger: any UsageLedger
  let isOn: @Sendable () -> Bool

  func record(_ entry: UsageEntry) async throws {
    guard isOn() else {
      throw NexyError(.usageNotRecorded, "Usage is not recorded at the moment (kill_switches.disable_usage_ledger).")
    }
    try await ledger.record(entry)
  }

  func note(_ entry: UsageEntry) {
    if isOn() { ledger.note(entry) }
  }
}
