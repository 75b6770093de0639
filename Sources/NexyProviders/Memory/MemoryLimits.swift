/// How much of a device is remembered, and how long.
package struct MemoryLimits: Sendable, Equatable {
  /// Bytes of the recent exchanges that go to a model (`MAX_SHORT_TERM_MEMORY_SIZE`).
  package var shortTermBytes: Int
  /// Bytes of the facts that are kept (`MAX_LONG_TERM_MEMORY_SIZE`).
  package var longTermBytes: Int
  /// How long an exchange is kept.
  package var age: Duration
  /// Facts that are kept.
  package var facts: Int
  /// Characters of a fact; what is longer is no fact.
  package var factCharacters: Int

  package init(
    shortTermBytes: Int = 10_240, longTermBytes: Int = 10_240, age: Duration = .seconds(7200), facts: Int = 100,
    factCharacters: Int = 200
  ) {
    self.shortTermBytes = shortTermBytes
    self.longTermBytes = longTermBytes
    self.age = age
    self.facts = facts
    self.factCharacters = factCharacters
  }

  /// Bytes of one exchange: a single long answer leaves room for the one before it.
  var exchangeBytes: Int { shortTermBytes / 2 }
}
