/// What downloads may take of the server.
package struct DownloadLimits: Sendable, Equatable {
  /// How many bodies are sent at once.
  package var concurrent: Int
  /// Bytes a second of one connection; 0 for as many as it takes.
  package var rate: Int
  /// How long a client may take for one piece of at most 256 KiB, which only one that does not read needs.
  package var stall: Duration

  package init(concurrent: Int = 32, rate: Int = 0, stall: Duration = .seconds(60)) {
    self.concurrent = concurrent
    self.rate = rate
    self.stall = stall
  }
}
