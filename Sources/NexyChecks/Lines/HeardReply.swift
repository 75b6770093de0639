import NexyWire

/// What a streaming call brought, in order.
struct HeardReply: Sendable {
  enum Item: Sendable, Equatable {
    case text(String)
    case audio(HeardSound)
    case action(String, session: String)
    case metadata(Streaming_WelcomeMetadata)
    case progress
    case end(String)
    case error(String)
    /// A message with nothing in it.
    case empty

    var kind: String {
      switch self {
      case .text: "text"
      case .audio: "audio"
      case .action: "action"
      case .metadata: "metadata"
      case .progress: "progress"
      case .end: "end"
      case .error: "error"
      case .empty: "empty"
      }
    }

    var isTerminal: Bool {
      switch self {
      case .end, .error: true
      default: false
      }
    }
  }

  var items: [Item] = []
  /// When each came, since the call began.
  var times: [Duration] = []
  /// As operators' tools spell it, such as `INVALID_ARGUMENT`.
  var status = "OK"
  var message = ""
  var trailers: [String: String] = [:]
  var duration = Duration.zero

  /// Of a call that could not even be made.
  static func none(_ error: any Error) -> Self { Self(status: "no answer", message: "\(error)") }

  var text: String { items.map { if case .text(let text) = $0 { text } else { "" } }.joined() }
  var sounds: [HeardSound] { items.compactMap { if case .audio(let sound) = $0 { sound } else { nil } } }
  var terminals: [Item] { items.filter(\.isTerminal) }
  var end: String? { items.firstOf { if case .end(let text) = $0 { text } else { nil } } }
  var error: String? { items.firstOf { if case .error(let text) = $0 { text } else { nil } } }

  /// The kinds in order, repetitions once: `text audio text audio end`.
  var shape: String {
    var kinds: [String] = []
    for item in items where kinds.last != item.kind { kinds.append(item.kind) }
    return kinds.joined(separator: " ")
  }

  /// For a line of a report.
  var told: String {
    let shape = items.isEmpty ? "nothing" : shape
    return message.isEmpty ? "\(shape), \(status)" : "\(shape), \(status) \"\(message)\""
  }

  func time(of kind: String) -> Duration? {
    zip(items, times).first { $0.0.kind == kind }?.1
  }
}

/// One message of sound, measured.
struct HeardSound: Sendable, Equatable {
  let bytes: Int
  let rate: Int32
  let channels: Int32
  let dtype: String
  let shape: [Int32]
  /// Mean square of its samples about their mean, 0 to 1: a constant level moves no loudspeaker.
  let power: Double
  /// The same of each sample with the next one: near `power` for voices, near 0 for noise.
  let neighbouring: Double
  let isSilent: Bool
  /// The same for the same samples.
  let fingerprint: Int

  init(_ chunk: Streaming_AudioChunk) {
    bytes = chunk.audioData.count
    (rate, channels, dtype, shape) = (chunk.sampleRate, chunk.channels, chunk.dtype, chunk.shape)
    let samples = chunk.samples ?? []
    let count = Double(max(samples.count, 1))
    let mean = samples.reduce(0.0) { $0 + Double($1) } / count
    let swings = samples.map { (Double($0) - mean) / 32768 }
    power = swings.reduce(0) { $0 + $1 * $1 } / count
    neighbouring = zip(swings, swings.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 } / count
    isSilent = samples.allSatisfy { $0 == 0 }
    fingerprint = samples.hashValue
  }

  /// Seconds it plays, at the rate that it names.
  var seconds: Double { rate > 0 ? Double(bytes / 2) / Double(rate) / Double(max(channels, 1)) : 0 }
}

extension Sequence {
  fileprivate func firstOf<Value>(_ pick: (Element) -> Value?) -> Value? {
    for element in self { if let value = pick(element) { return value } }
    return nil
  }
}
