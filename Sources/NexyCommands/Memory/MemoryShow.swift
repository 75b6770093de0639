import ArgumentParser
import Foundation
import NexyCore
import NexyProviders
import NexyVoice

/// `nexy memory show`: everything that is stored of a device.
struct MemoryShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Shows everything that is remembered of a device.",
    discussion: "It is private: the recent exchanges and facts as they go to the language model, secrets masked.")

  private struct Document: Encodable {
    struct Exchange: Encodable {
      let time: String
      let session: String
      let prompt: String
      let answer: String
    }

    struct Fact: Encodable {
      let time: String
      let text: String
    }

    let device: String
    let exchanges: [Exchange]
    let facts: [Fact]
  }

  @OptionGroup var arguments: MemoryArguments
  @Flag(help: "Print JSON.") var json = false

  func run() async throws {
    let contents = try await arguments.memory().contents(of: arguments.deviceID())
    let document = Document(
      device: arguments.device,
      exchanges: contents.exchanges.map {
        Document.Exchange(
          time: $0.date.formatted(.iso8601), session: $0.session, prompt: $0.exchange.prompt,
          answer: $0.exchange.answer)
      },
      facts: contents.facts.map { Document.Fact(time: $0.date.formatted(.iso8601), text: $0.text) })
    if json { return try Terminal.json(document) }
    for line in Self.lines(document) { Terminal.print(line) }
  }

  private static func lines(_ document: Document) -> [String] {
    if document.exchanges.isEmpty && document.facts.isEmpty { return ["Nothing is remembered of this device."] }
    let facts = document.facts.map { "\($0.time)  \($0.text)" }
    let exchanges = document.exchanges.flatMap {
      ["\($0.time)  user       \($0.prompt)", "\($0.time)  assistant  \($0.answer)"]
    }
    let sections = [facts.isEmpty ? [] : ["FACTS"] + facts, exchanges.isEmpty ? [] : ["EXCHANGES"] + exchanges]
    return sections.filter { !$0.isEmpty }.joined(separator: [""]).map(\.printable)
  }
}
