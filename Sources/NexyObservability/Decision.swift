/// What the server decided: the word that stands after `decision=` in a log line.
package struct Decision: RawRepresentable, Hashable, Sendable {
  package let rawValue: String
  package init(rawValue: String) { self.rawValue = rawValue }

  package static let start = Self(rawValue: "start")
  package static let complete = Self(rawValue: "complete")
  /// The server or a provider failed.
  package static let error = Self(rawValue: "error")
  /// A turn that was let in was cut: interrupted, idle, or ended by a stop.
  package static let abort = Self(rawValue: "abort")
  /// The client went away.
  package static let cancelled = Self(rawValue: "cancelled")
  /// A request was refused.
  package static let reject = Self(rawValue: "reject")
  package static let warning = Self(rawValue: "warning")
  package static let collectAcknowledged = Self(rawValue: "collect_ack")
  /// A turn got its slot, gave it back, or got none.
  package static let streamAcquired = Self(rawValue: "stream_acquired")
  package static let streamReleased = Self(rawValue: "stream_released")
  package static let streamRejected = Self(rawValue: "stream_rejected")
  /// A turn stood still for too long.
  package static let streamIdleTimeout = Self(rawValue: "stream_idle_timeout")
  /// A device asked too often.
  package static let rateLimitExceeded = Self(rawValue: "rate_limit_exceeded")
  /// Something works less well than it should, and works again.
  package static let degrade = Self(rawValue: "degrade")
  package static let recover = Self(rawValue: "recover")
  /// The same thing is tried again.
  package static let retry = Self(rawValue: "retry")
  /// Figures of the last minute.
  package static let snapshot = Self(rawValue: "snapshot")
  /// Settings were read anew.
  package static let reload = Self(rawValue: "reload")
  package static let initialise = Self(rawValue: "init")
  package static let stop = Self(rawValue: "stop")
  package static let shutdown = Self(rawValue: "shutdown")
}

/// The part of the server that speaks: the word after `scope=`.
package struct LogScope: RawRepresentable, Hashable, Sendable {
  package let rawValue: String
  package init(rawValue: String) { self.rawValue = rawValue }

  package static let server = Self(rawValue: "server")
  package static let grpc = Self(rawValue: "grpc")
  package static let metrics = Self(rawValue: "metrics")
  package static let update = Self(rawValue: "update")
}
