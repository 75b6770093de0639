/// The times that the check states, and the settings of its servers that they follow from (docs/operating.md).
enum ChaosTimes {
  // What the servers are set to.

  /// `LLM_FIRST_DELTA_TIMEOUT_MS` and `LLM_STALL_TIMEOUT_MS`.
  static let firstWords = Duration.milliseconds(1500)
  /// `CIRCUIT_BREAKER_TIMEOUT`.
  static let leftAlone = Duration.seconds(1)
  /// The same, where the provider is away for long.
  static let leftAloneLong = Duration.seconds(4)
  /// `BACKPRESSURE_GRACE_PERIOD`.
  static let grace = Duration.seconds(2)
  /// How long the provider is away.
  static let outage = Duration.seconds(30)

  // What is demanded.

  /// A turn, whatever becomes of its provider: a second attempt is made within four seconds beyond the first words'
  /// budget, and the rest is for its speech and a busy machine.
  static let turn = firstWords + .seconds(4) + .milliseconds(2500)
  /// From a start to the first good `/health`.
  static let ready = Duration.seconds(10)
  /// The first answer of a provider that is back, beyond the time for which it is left alone.
  static let recovery = Duration.seconds(4)
  /// An end, beyond the grace period.
  static let exit = Duration.seconds(3)
  /// The end of a turn whose server is gone.
  static let torn = Duration.seconds(5)

  // What bounds the check itself.

  /// The deadline that the server is told: beyond what is demanded, so that it is the server's own end that is seen.
  static let deadline = turn + .seconds(6)
  /// A page, a report.
  static let page = Duration.seconds(5)
  /// A whole scenario.
  static let scenario = Duration.seconds(100)
}
