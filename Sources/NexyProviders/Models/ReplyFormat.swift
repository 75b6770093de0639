import NexyVoice

/// One provider's events, read into deltas: pure, an event in, deltas out.
protocol ReplyFormat: Sendable {
  /// Reads the data of one event. Its deltas count even where `fault` is set afterwards.
  mutating func take(_ data: [UInt8]) -> [ModelDelta]

  /// The answer has ended: what is left to say, or the fault of having ended there.
  mutating func end() -> [ModelDelta]

  /// What is wrong with the reply; nothing more is read once it is set.
  var fault: ProviderFault? { get }

  /// Whether the model said that it has finished: a connection that breaks now breaks nothing.
  var isWhole: Bool { get }

  /// The fault that a document outside of the events describes, if it describes one.
  func fault(in document: [UInt8]) -> ProviderFault?
}
