import NexyCore

/// A piece of the reply that is shown and said as one.
struct Segment: Sendable, Equatable {
  /// What the client sees, with the white space that stood before it.
  var text: String
  /// What the engine hears; empty when nothing in the text can be said.
  var spoken: String
}

/// Turns a model's deltas into segments and its command; how the deltas are cut changes nothing.
struct ReplyAssembly: Sendable {
  private var reader = ReplyReader()
  private var segmenter = SentenceSegmenter()
  private var merger: SegmentMerger
  private var called: ProposedCommand?
  private let language: Language?
  /// Whether anything was given out that can be heard.
  private(set) var hasSpoken = false

  init(rules: MergeRules, language: Language?) {
    merger = SegmentMerger(rules: rules)
    self.language = language
  }

  mutating func take(_ delta: ModelDelta) -> [Segment] {
    switch delta {
    case .text(let text):
      return merge(segmenter.feed(reader.feed(text.utf8)))
    case .toolCall(let name, let arguments):
      called = ProposedCommand(name: name, arguments: arguments)
      return []
    case .usage:
      return []
    }
  }

  /// The model pauses or has failed: whatever is finished goes out, half a sentence does not.
  mutating func stall() -> [Segment] {
    merge(segmenter.stall()) + segments(merger.flush())
  }

  /// The reply is over.
  mutating func end() -> (segments: [Segment], command: ProposedCommand?, fault: ReplyReader.Fault?) {
    let ending = reader.finish()
    var rest = merge(segmenter.feed(ending.text))
    rest += merge(segmenter.finish()) + segments(merger.flush())
    return (rest, ending.command ?? called, ending.fault)
  }

  private mutating func merge(_ sentences: [String]) -> [Segment] {
    sentences.flatMap { segments(merger.take($0)) }
  }

  private mutating func segments(_ text: String?) -> [Segment] {
    guard let text else { return [] }
    let spoken = SpeechText.spoken(text, language: language)
    hasSpoken = hasSpoken || !spoken.isEmpty
    return [Segment(text: text, spoken: spoken)]
  }
}
