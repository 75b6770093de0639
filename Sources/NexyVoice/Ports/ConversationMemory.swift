import NexyCore

/// One question and what was answered to it.
package struct Exchange: Sendable, Equatable {
  /// The user's words.
  package var prompt: String
  /// What was sent of the answer before the turn ended.
  package var answer: String

  package init(prompt: String, answer: String) {
    self.prompt = prompt
    self.answer = answer
  }
}

/// What a turn knows of its device; private: it goes to the language model and nowhere else.
package struct Recollection: Sendable, Equatable {
  /// The recent exchanges, oldest first.
  package var exchanges: [Exchange]
  /// Lasting facts of the user, one sentence each.
  package var facts: [String]

  package init(exchanges: [Exchange] = [], facts: [String] = []) {
    self.exchanges = exchanges
    self.facts = facts
  }
}

/// Where conversations are remembered, a device apart from each other.
package protocol ConversationMemory: Sendable {
  /// What is known of a device. A turn waits for it only a moment.
  func recall(_ device: DeviceID) async throws -> Recollection

  /// Keeps an exchange; returns at once, and reports its own failures.
  func remember(_ exchange: Exchange, device: DeviceID, session: SessionID)
}
