/// What the server decided: the word that stands after `decision=` in a log line.
package struct Decision: RawRepresentable, Hashable, Sendable {
  package let rawValue: String
  package init(rawValue: String) { self.rawValue = rawValue }

  package static let start = Self(rawValue: "start")
  package static let complete = Self(rawValue: "complete")
  /// The server or a provider failed.
  package static let error = Self(rawValue: "error")
  /// A turn that was let in was cut: interrupted, left, or ended by a stop.
  package static let abort = Self(rawValue: "abort")
  /// A request was refused.
  package static let reject = Self(rawValue: "reject")
  package static let warning = Self(rawValue: "warning")
  package static let collectAcknowledged = Self(rawValue: "collect_ack")
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
}
