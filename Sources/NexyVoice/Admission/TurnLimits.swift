import NexyCore

/// How much one server does at the same time, and how long a turn may take and stand still.
package struct TurnLimits: Sendable, Equatable {
  /// Turns at the same time; as many welcomes may run beside them.
  package var turns: Int
  /// Turns of one device at the same time.
  package var turnsPerDevice: Int
  /// From a turn's request to its terminal.
  package var total: Duration
  /// How long a turn may move nothing to its client.
  package var idle: Duration

  package init(
    turns: Int = 50, turnsPerDevice: Int = 4, total: Duration = .seconds(300), idle: Duration = .seconds(900)
  ) {
    self.turns = turns
    self.turnsPerDevice = turnsPerDevice
    self.total = total
    self.idle = idle
  }
}

extension NexyError.Code {
  /// All slots are taken.
  package static let turnLimitReached = Self("stream_limit_exceeded")
  /// A turn of the same session runs.
  package static let sessionBusy = Self("concurrent_request")
  /// The device has as many turns as it may have.
  package static let deviceBusy = Self("concurrent_hardware_id")
  /// A device asks more often than it may.
  package static let rateLimitReached = Self("rate_limit_exceeded")
  /// The turn took longer than its limit.
  package static let turnTimedOut = Self("turn_timed_out")
  /// The turn moved nothing for too long.
  package static let turnIdle = Self("stream_idle_timeout")
}

extension NexyError {
  /// Whether it means that a turn got no slot.
  package var isRefusedSlot: Bool { [.turnLimitReached, .sessionBusy, .deviceBusy].contains(code) }

  // The first words of each are what released clients and the operator's checks look for.

  static func turnLimitReached(_ limit: Int, active: Int) -> NexyError {
    NexyError(
      .turnLimitReached,
      "STREAM_LIMIT_EXCEEDED: Maximum concurrent streams (\(limit)) reached. Current active: \(active)")
  }

  static func sessionBusy(_ session: SessionID) -> NexyError {
    NexyError(.sessionBusy, "Concurrent request for session_id=\(session.text) is not allowed")
  }

  static func deviceBusy(_ device: DeviceID, active sessions: [SessionID]) -> NexyError {
    let names = sessions.map { "'\($0.text)'" }.joined(separator: ", ")
    return NexyError(
      .deviceBusy,
      "Concurrent request for hardware_id=\(device) is not allowed (active sessions: [\(names)])")
  }

  static func rateLimitReached(_ limit: Int) -> NexyError {
    NexyError(
      .rateLimitReached, "MESSAGE_RATE_EXCEEDED: Maximum message rate (\(limit) msg/s) reached for this device")
  }

  static let turnTimedOut = NexyError(.turnTimedOut, "The answer took too long. Please try again.")

  static func turnIdle(_ limit: Duration) -> NexyError {
    NexyError(
      .turnIdle, "Nothing moved for \(limit.components.seconds) seconds, so the turn was ended. Please try again.")
  }
}
