/// How long a provider may keep a call waiting. Only the waiting for it counts: a listener who takes time costs it
/// nothing.
package struct UpstreamBudgets: Sendable, Equatable {
  /// One of the limits.
  package enum Budget: String, Sendable { case connect, firstByte, stall, whole }

  /// Until the connection stands, TLS included.
  package var connect: Duration
  /// From there until the first byte of the answer's body.
  package var firstByte: Duration
  /// Between two pieces of the body.
  package var stall: Duration
  /// All waits together.
  package var whole: Duration
  /// How long an answer that is complete may stay open; nothing fails when it passes, the connection is closed.
  package var ending: Duration

  package init(
    connect: Duration = .seconds(3), firstByte: Duration = .seconds(10), stall: Duration = .seconds(10),
    whole: Duration = .seconds(60), ending: Duration = .seconds(1)
  ) {
    self.connect = connect
    self.firstByte = firstByte
    self.stall = stall
    self.whole = whole
    self.ending = ending
  }

  var shortest: Duration { min(connect, firstByte, stall, ending) }
}
