/// What every reply of the voice stream obeys, whatever it says (docs/protocol.md).
enum TurnRules {
  /// Samples a second, and the form that released clients play.
  static let rate: Int32 = 48_000
  static let dtype = "int16"
  /// Bytes of a chunk: the greatest that STREAMING_CHUNK_SIZE allows.
  static let largestChunk = 4096
  /// A sine of the quietest engine is at 0.1; a line that hums is below 0.001.
  static let quietest = 0.002
  /// How much of its power each sample shares with the next: above 0.9 for speech at 48 kHz, 0.7 for a hissed S alone.
  /// Bytes in the wrong order are noise, where it is none.
  static let leastAlike = 0.3

  /// What is wrong with how a reply ends.
  static func endFaults(_ reply: HeardReply) -> [String] {
    guard let last = reply.items.last else { return ["nothing came but \(reply.told)"] }
    var faults: [String] = []
    let terminals = reply.terminals.count
    if terminals != 1 { faults.append("\(terminals) terminals in \"\(reply.shape)\"") }
    if !last.isTerminal { faults.append("\(last.kind) is the last message") }
    if let error = reply.error {
      if reply.status == "OK" { faults.append("an error_message and the status OK") }
      if error != reply.message { faults.append("error_message says \"\(error)\", the status \"\(reply.message)\"") }
    } else if reply.status != "OK" {
      faults.append("\(reply.status) without an error_message first")
    }
    return faults
  }

  /// Whether a turn ended well, whatever it said.
  static func ended(_ reply: HeardReply) -> Sight {
    .of(endFaults(reply) + (reply.end == nil ? [reply.told] : []), otherwise: reply.told)
  }

  /// Whether a request was refused as it should be: an error_message alone, and the status.
  static func refused(_ reply: HeardReply, as status: String) -> Sight {
    let isRefused = reply.shape == "error" && reply.status == status
    return .of(endFaults(reply) + (isRefused ? [] : [reply.told]), otherwise: reply.told)
  }

  /// What is wrong with the order of a turn that ended well: text, then its sound, for each sentence; then at most one
  /// action; then the end.
  static func orderFaults(_ reply: HeardReply) -> [String] {
    var faults: [String] = []
    let kinds = reply.items.map(\.kind)
    if kinds.contains("empty") { faults.append("a message with nothing in it") }
    if kinds.first != "text" { faults.append("it begins with \(kinds.first ?? "nothing")") }
    let actions = kinds.count { $0 == "action" }
    if actions > 1 { faults.append("\(actions) actions") }
    if let action = kinds.firstIndex(of: "action") {
      let later = Set(kinds[kinds.index(after: action)...]).subtracting(["end"])
      if !later.isEmpty { faults.append("\(later.sorted().joined(separator: ", ")) after the action") }
    }
    var speaksSince: Int?
    for (index, item) in reply.items.enumerated() {
      if case .text(let text) = item {
        if let since = speaksSince { faults.append("no sound between the texts \(since + 1) and \(index + 1)") }
        speaksSince = text.contains(where: { $0.isLetter || $0.isNumber }) ? index : nil
      } else if case .audio = item {
        speaksSince = nil
      }
    }
    if speaksSince != nil { faults.append("the last text has no sound") }
    return faults + repetitionFaults(reply)
  }

  /// Chunks of one sentence that come twice in a row; a pause may.
  static func repetitionFaults(_ reply: HeardReply) -> [String] {
    let twice = zip(reply.items, reply.items.dropFirst()).count { one, next in
      guard case .audio(let sound) = one, case .audio(let other) = next else { return false }
      return !sound.isSilent && sound.fingerprint == other.fingerprint
    }
    return twice > 0 ? ["\(twice) chunks come twice in a row"] : []
  }

  /// What is wrong with sound: its form, and whether anything is heard.
  static func soundFaults(_ sounds: [HeardSound]) -> [String] {
    guard let first = sounds.first else { return ["no sound"] }
    var faults: [String] = []
    if let odd = sounds.first(where: { !$0.bytes.isMultiple(of: 2) }) { faults.append("a chunk of \(odd.bytes) bytes") }
    if let great = sounds.first(where: { $0.bytes > largestChunk }) { faults.append("a chunk of \(great.bytes) bytes") }
    if sounds.contains(where: { $0.bytes == 0 }) { faults.append("an empty chunk") }
    for rate in Set(sounds.map(\.rate)).subtracting([Self.rate]).sorted() { faults.append("\(rate) samples a second") }
    for channels in Set(sounds.map(\.channels)).subtracting([1]).sorted() { faults.append("\(channels) channels") }
    for dtype in Set(sounds.map(\.dtype)).subtracting([Self.dtype]).sorted() {
      faults.append("samples of \"\(dtype)\"")
    }
    if sounds.contains(where: { !$0.shape.isEmpty }) {
      faults.append("a shape, which is always empty")
    }
    if first.isSilent { faults.append("the first chunk is silent") }
    let power = sounds.map(\.power).reduce(0, +) / Double(sounds.count)
    if power.squareRoot() < quietest {
      faults.append("silence: loudness \(power.squareRoot())")
    } else {
      let alike = sounds.map(\.neighbouring).reduce(0, +) / Double(sounds.count) / power
      if alike < leastAlike { faults.append("noise: neighbouring samples share \(Int(alike * 100)) % of the power") }
    }
    return faults
  }
}
