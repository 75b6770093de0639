/// Bytes that are no sound, or sound of another kind than mono 16-bit samples.
struct UnplayableSound: Error {
  /// What they are, in words that stand in brackets; none of them come from the answer's text.
  let detail: String
}

/// How the samples of an answer are written, as far as its content type tells.
struct SoundForm: Equatable {
  /// Samples a second; nil where the content type does not say.
  let rate: Int?

  /// Sound that has to be decoded first; played as samples it would be loud noise.
  private static let compressed: Set<Substring> = [
    "3gpp", "aac", "aacp", "ac3", "amr", "amr-wb", "flac", "m4a", "mp3", "mp4", "mpeg", "mpeg3", "ogg", "opus", "silk",
    "speex", "vorbis", "webm", "x-aac", "x-flac", "x-m4a", "x-mp3", "x-mpeg",
  ]

  /// Takes what samples may be labelled as: any `audio/` that is not compressed, a stream of bytes, or nothing.
  ///
  /// A rate may stand behind it, as openedai-speech writes `audio/pcm;rate=22050`
  /// (https://github.com/matatonic/openedai-speech).
  init(contentType: String) throws(UnplayableSound) {
    let parts = contentType.lowercased().split(separator: ";").map(Self.trimmed)
    let type = parts.first ?? ""
    let halves = type.split(separator: "/", maxSplits: 1)
    let isSound = halves.count == 2 && halves[0] == "audio" && !Self.compressed.contains(halves[1])
    guard isSound || ["", "application/octet-stream", "binary/octet-stream"].contains(type) else {
      throw UnplayableSound(detail: "labelled as \(Self.shown(type))")
    }
    if let channels = Self.number("channels", in: parts), channels != 1 {
      throw UnplayableSound(detail: "with \(channels) channels")
    }
    rate = Self.number("rate", in: parts)
  }

  private static func number(_ name: String, in parameters: [Substring]) -> Int? {
    for parameter in parameters.dropFirst() {
      let sides = parameter.split(separator: "=", maxSplits: 1).map(trimmed)
      if sides.count == 2, sides[0] == name { return Int(sides[1].filter { $0 != "\"" }) }
    }
    return nil
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop { $0 == " " || $0 == "\t" }
    while text.last == " " || text.last == "\t" { text.removeLast() }
    return text
  }

  /// A media type as an error may show it: whatever stands in a header is somebody else's.
  private static func shown(_ type: Substring) -> String {
    let isType = type.utf8.allSatisfy {
      switch $0 {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
      default: "/+-.".utf8.contains($0)
      }
    }
    return isType && type.utf8.count <= 40 ? String(type) : "an unknown type"
  }
}
