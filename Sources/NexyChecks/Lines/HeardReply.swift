import NexyWire

/// What a streaming call brought, in order.
struct HeardReply: Sendable {
  enum Item: Sendable, Equatable {
    case text(String)
    case audio(HeardSound)
    case action(String, session: String)
    case metadata(seconds: Double)
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
  /// Root mean square of its samples, 0 to 1.
  let loudness: Double
  let isSilent: Bool

  init(_ chunk: Streaming_AudioChunk) {
    bytes = chunk.audioData.count
    (rate, channels, dtype) = (chunk.sampleRate, chunk.channels, chunk.dtype)
    let samples = chunk.samples ?? []
    let squares = samples.reduce(0.0) { $0 + Double($1) * Double($1) }
    loudness = samples.isEmpty ? 0 : (squares / Double(samples.count)).squareRoot() / 32768
    isSilent = samples.allSatisfy { $0 == 0 }
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
