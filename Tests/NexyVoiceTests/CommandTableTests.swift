import NexyCore
import Testing

@testable import NexyVoice

@Suite("One table says what commands there are")
struct CommandTableTests {
  private static let session = SessionID("3f2b8c1e-8f60-4a9b-9d55-0c2a3b4d5e6f")!

  @Test("it holds what released clients know, and nothing twice")
  func holdsTheClientsCommands() {
    let names = CommandSpecification.all.map(\.name)
    #expect(
      names == [
        "open_app", "close_app", "send_message", "read_messages", "find_contact", "send_whatsapp_message",
        "read_whatsapp_messages", "browser_use", "close_browser",
      ])
    for command in CommandSpecification.all {
      let arguments = command.arguments.map(\.name)
      #expect(Set(arguments).count == arguments.count, "\(command.name)")
      #expect(command.meaning.hasSuffix("."))
      #expect(command.arguments.allSatisfy { $0.meaning.hasSuffix(".") }, "\(command.name)")
    }
  }

  @Test(
    "a feature brings its commands",
    arguments: [
      ([], ["open_app", "close_app"]),
      ([.messages], ["open_app", "close_app", "send_message", "read_messages", "find_contact"]),
      ([.whatsApp], ["open_app", "close_app", "send_whatsapp_message", "read_whatsapp_messages"]),
      ([.browser], ["open_app", "close_app", "browser_use", "close_browser"]),
      (CommandPolicy.Feature.allCases, CommandSpecification.all.map(\.name)),
    ] as [([CommandPolicy.Feature], [String])])
  func allows(features: [CommandPolicy.Feature], names: [String]) {
    #expect(CommandPolicy(features: Set(features)).allowed.map(\.name) == names)
    let closed = CommandPolicy(forwards: false, features: Set(features))
    #expect(closed.allowed.isEmpty)
    let proposed = ProposedCommand(name: "open_app", arguments: ["app_name": "Safari"])
    #expect(closed.check(proposed, session: Self.session) == .failure(.switchedOff))
  }

  @Test("what is allowed passes with its required arguments and with no fewer", arguments: CommandSpecification.all)
  func checksRequiredArguments(command: CommandSpecification) throws {
    let policy = CommandPolicy(features: Set(CommandPolicy.Feature.allCases))
    let required = command.arguments.filter { $0.need == .required }.map(\.name)
    let given = Dictionary(uniqueKeysWithValues: required.map { ($0, JSONValue.string("Anna")) })
    let whole = ProposedCommand(name: command.name, arguments: .object(given))
    #expect(try policy.check(whole, session: Self.session).get().arguments == given)
    for name in required {
      var fewer = given
      fewer[name] = nil
      #expect(
        policy.check(ProposedCommand(name: command.name, arguments: .object(fewer)), session: Self.session)
          == .failure(.missingArgument(command: command.name, argument: name)))
    }
  }

  @Test("what is said of a command covers the table in every language")
  func coversPhrases() {
    #expect(Set(CommandPhrases.all.keys) == Set(CommandSpecification.all.map(\.name)))
    for command in CommandSpecification.all {
      for language in Language.allCases {
        let phrase = CommandPhrases.all[command.name]?[language] ?? ""
        #expect(phrase.hasSuffix("."), "\(command.name), \(language)")
        let names = command.arguments.filter { $0.need == .required }.map { "{\($0.name)}" }
        let rest = names.reduce(phrase) { $0.replacing($1, with: "") }
        #expect(!rest.contains("{"), "\(command.name), \(language)")
      }
    }
  }

  @Test(
    "a command without a word is announced",
    arguments: [
      ("open_app", Language.english, "Opening Safari."), ("open_app", .russian, "Открываю Safari."),
      ("close_app", .english, "Closing Safari."), ("close_app", .russian, "Закрываю Safari."),
      ("close_browser", .english, "Closing the browser."), ("close_browser", .russian, "Закрываю браузер."),
    ])
  func announces(name: String, language: Language, phrase: String) {
    let command = AssistantCommand(name: name, arguments: ["app_name": "Safari"], session: Self.session)
    #expect(CommandPhrases.phrase(for: command, in: language) == phrase)
  }

  @Test("a refused command without a word is declined", arguments: Language.allCases)
  func declines(language: Language) {
    let phrase = CommandPhrases.phrase(for: nil, in: language)
    #expect(phrase == (language == .russian ? "Этого я сделать не могу." : "I can't do that."))
  }
}
