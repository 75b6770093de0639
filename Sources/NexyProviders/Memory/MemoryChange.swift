import Foundation
import GRDB

/// Something that is to be written of the memory.
enum MemoryChange: Sendable {
  case exchange(RememberedExchange)
  /// Facts, and the exchange they were learned from.
  case facts(FactChange, RememberedExchange)

  var device: String {
    switch self {
    case .exchange(let remembered), .facts(_, let remembered): remembered.device
    }
  }

  var exchange: RememberedExchange? {
    if case .exchange(let remembered) = self { remembered } else { nil }
  }

  func apply(_ limits: MemoryLimits, _ db: Database) throws {
    switch self {
    case .exchange(let remembered): try MemoryTables.insert(remembered, db)
    case .facts(let change, let source):
      // Somebody, or another process, may have forgotten the device since; then nothing of it comes back.
      guard try MemoryTables.contains(source, db) else { return }
      var facts = FactList(try MemoryTables.facts(source.device, db))
      facts.apply(change, time: source.time, limits: limits)
      try MemoryTables.replaceFacts(facts.facts, source.device, db)
    }
  }
}

/// Everything that is stored of a device, oldest first.
package struct MemoryContents: Sendable, Equatable {
  package var exchanges: [RememberedExchange]
  package var facts: [Fact]
}

extension RememberedExchange {
  /// When it was said.
  package var date: Date { Date(timeIntervalSince1970: Double(time) / 1_000_000) }
}

extension Fact {
  /// When it was learned.
  package var date: Date { Date(timeIntervalSince1970: Double(time) / 1_000_000) }
}
