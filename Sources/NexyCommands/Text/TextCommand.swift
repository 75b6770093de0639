import ArgumentParser
import Foundation
import NexyVoice

/// `nexy text`: what a turn makes of a reply's text.
struct TextCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "text", abstract: "Shows how text is cut into sentences and what is spoken.",
    subcommands: [TextSegment.self, TextSpeech.self])
}

/// `nexy text segment`: one sentence a line.
struct TextSegment: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "segment", abstract: "Reads text from standard input and prints one sentence a line.")

  @Flag(help: "Print each sentence as soon as it is known to be whole, while input still comes.") var stream = false

  func run() throws {
    guard stream else {
      let text = String(decoding: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self)
      for sentence in SentenceSegmenter.sentences(of: text) { Terminal.print(sentence) }
      return
    }
    var segmenter = SentenceSegmenter()
    while case let data = FileHandle.standardInput.availableData, !data.isEmpty {
      // A byte at a time, so that nothing depends on how the input came.
      for byte in data { segmenter.feed(CollectionOfOne(byte)).forEach(Self.printTrimmed) }
    }
    segmenter.finish().forEach(Self.printTrimmed)
  }

  private static func printTrimmed(_ sentence: String) {
    let line = SentenceSegmenter.onOneLine(sentence)
    if !line.isEmpty { Terminal.print(line) }
  }
}

/// `nexy text speech`: the spoken form of each line.
struct TextSpeech: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "speech", abstract: "Reads text from standard input and prints the spoken form of each line.")

  func run() throws {
    while let line = readLine(strippingNewline: true) { Terminal.print(SpeechText.spoken(line)) }
  }
}
