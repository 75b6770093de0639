import Foundation
import NexyCore
import Testing

@testable import NexyVoice

@Suite struct CommandPolicyTests {
  private let session = SessionID("3f2b8c1e-8f60-4a9b-9d55-0c2a3b4d5e6f")!
  private static let everything: Set<CommandPolicy.Feature> = [.messages, .whatsApp, .browser]

  @Test(arguments: [
    (ProposedCommand(name: "open_app", arguments: ["app_name": "Safari"]), ["app_name": JSONValue.string("Safari")]),
    (ProposedCommand(name: " Open-App ", arguments: ["app_name": " Safari.app "]), ["app_name": "Safari"]),
    (ProposedCommand(name: "close__app", arguments: ["app_name": "Заметки"]), ["app_name": "Заметки"]),
    (ProposedCommand(name: "close.browser", arguments: ["x": 1]), [:]),
    (ProposedCommand(name: "send_message", arguments: ["to": "Ann", "n": 2]), ["to": "Ann", "n": 2]),
  ])
  func `an allowed command is sent in its normal form`(_ proposed: ProposedCommand, _ arguments: [String: JSONValue]) {
    let policy = CommandPolicy(features: Self.everything)
    #expect((try? policy.check(proposed, session: session).get())?.arguments == arguments)
  }

  @Test(arguments: [
    (ProposedCommand(name: "format_disk", arguments: [:]), CommandPolicy.Refusal.notAllowed("format_disk")),
    (ProposedCommand(name: "open_app", arguments: [:]), .missingArgument(command: "open_app", argument: "app_name")),
    (
      ProposedCommand(name: "open_app", arguments: ["app_name": " "]),
      .missingArgument(command: "open_app", argument: "app_name")
    ),
    (
      ProposedCommand(name: "open_app", arguments: ["app_name": 5]),
      .missingArgument(command: "open_app", argument: "app_name")
    ),
    (ProposedCommand(name: "open_app", arguments: ["Safari"]), .argumentsNotObject("open_app")),
    (ProposedCommand(name: "browser_use", arguments: ["task": "x"]), .notAllowed("browser_use")),
    (ProposedCommand(name: "buy_subscription", arguments: [:]), .notAllowed("buy_subscription")),
  ])
  func `any other command is refused`(_ proposed: ProposedCommand, _ refusal: CommandPolicy.Refusal) {
    #expect(CommandPolicy().check(proposed, session: session) == .failure(refusal))
  }

  @Test func `the payload is what the client reads`() throws {
    let command = try CommandPolicy().check(
      ProposedCommand(name: "open_app", arguments: ["app_name": "Заметки", "url": "https://a.b//c"]), session: session
    ).get()
    let json = try command.json()
    #expect(json.contains("Заметки"))
    #expect(json.contains("https://a.b//c"))
    #expect(
      try JSONDecoder().decode(JSONValue.self, from: Data(json.utf8))
        == [
          "session_id": .string(session.text), "command": "open_app",
          "args": ["app_name": "Заметки", "url": "https://a.b//c"],
        ])
  }
}
