extension Settings {
  /// What is remembered of conversations.
  package struct Memory: Sendable {
    package var isOn: Bool
    /// Bytes of recent exchanges that go to the model, and how long they count.
    package var recentBytes: Int
    package var recentAge: Duration
    /// Whether lasting facts are asked of the model after a turn.
    package var keepsFacts: Bool
    /// Bytes of facts of one device.
    package var factBytes: Int
    /// How long the model may take over the facts.
    package var analysisLimit: Duration
  }

  static func memory(_ reader: inout SettingsReader) -> Memory {
    Memory(
      isOn: reader.flag("memory.enabled", "MEMORY_ENABLED", default: true),
      recentBytes: reader.integer(
        "memory.max_short_term_memory_size", "MAX_SHORT_TERM_MEMORY_SIZE", default: 10_240, in: 0...(1 << 20)),
      recentAge: .seconds(
        3600
          * reader.integer(
            "memory.short_term_idle_hours", "MEMORY_SHORT_TERM_CLEANUP_IDLE_HOURS", default: 2, in: 1...720)),
      keepsFacts: reader.flag("memory.long_term_enabled", "MEMORY_LONG_TERM_ENABLED", default: false),
      factBytes: reader.integer(
        "memory.max_long_term_memory_size", "MAX_LONG_TERM_MEMORY_SIZE", default: 10_240, in: 0...(1 << 20)),
      analysisLimit: .milliseconds(
        Int(reader.number("memory.analysis_timeout", "ANALYSIS_TIMEOUT", default: 5, in: 0.1...600) * 1000)))
  }
}
