import NexyWire

extension TurnRules {
  /// What of a greeting need not be announced: longer ones stream.
  private static let longestAnnounced = 30.0

  /// What is wrong with a greeting that should be metadata, its sound and one end.
  static func greetingFaults(_ reply: HeardReply) -> [String] {
    var faults = reply.shape == "metadata audio end" ? [] : [reply.told]
    let all = reply.items.compactMap { if case .metadata(let metadata) = $0 { metadata } else { nil } }
    guard let metadata = all.first else { return faults }
    if all.count > 1 { faults.append("\(all.count) times metadata") }
    if metadata.method.isEmpty { faults.append("no method") }
    if metadata.sampleRate != rate { faults.append("metadata of \(metadata.sampleRate) samples a second") }
    if metadata.channels != 1 { faults.append("metadata of \(metadata.channels) channels") }
    if metadata.dtype != dtype { faults.append("metadata of \"\(metadata.dtype)\"") }
    let (announced, seconds) = (metadata.durationSec, reply.sounds.map(\.seconds).reduce(0, +))
    let isOpen = announced == 0 && seconds > longestAnnounced
    // A length that is no number is none.
    if !isOpen, !(abs(announced - seconds) <= 0.001) {
      faults.append("\(announced) s are announced and \(seconds) s come")
    }
    return faults + repetitionFaults(reply)
  }
}
