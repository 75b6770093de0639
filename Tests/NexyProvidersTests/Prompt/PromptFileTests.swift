import Foundation
import NexyCore
import Testing

@testable import NexyProviders

@Suite("The prompt comes from a file or with the program")
struct PromptFileTests {
  /// The flags that the built-in prompt names.
  static let flags: Set<String> = ["features.screenshots_enabled", "features.messages_enabled", "browser_use.enabled"]

  private static let root = URL(fileURLWithPath: #filePath).appending(path: "../../../..").standardized

  @Test("the file in config is the one that comes with the program")
  func isEqual() throws {
    let copy = Self.root.appending(path: "config/assistant.md")
    #expect(try Data(contentsOf: copy) == Data(PackageResources.assistant_md))
    let read = try AssistantPrompt(file: copy.path, flags: Self.flags)
    #expect(try read.sections == AssistantPrompt.builtIn(flags: Self.flags).sections)
  }

  @Test("every condition and placeholder is documented, and nothing else")
  func isDocumented() throws {
    let page = try String(contentsOf: Self.root.appending(path: "docs/prompt.md"), encoding: .utf8)
    let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }
    let names = rows.compactMap { $0.split(separator: "`").dropFirst().first.map(String.init) }
    let known =
      PromptFacts.Condition.allCases.map(\.rawValue) + PromptPlaceholder.allCases.map { "{{\($0.rawValue)}}" }
    #expect(names.sorted() == known.sorted())
  }

  @Test("a flag that was taken away is noticed")
  func namesFlags() {
    let error = #expect(throws: NexyError.self) { try AssistantPrompt.builtIn(flags: []) }
    #expect(error?.code.rawValue == "bad_prompt")
    for flag in Self.flags { #expect(error?.message.contains("\"\(flag)\" is no condition") == true) }
  }

  @Test("a file of the operator's is read")
  func readsFile() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "prompt-\(UUID().uuidString).md").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data("Hi.\n{{commands}}{{reply_form}}\n".utf8).write(to: URL(fileURLWithPath: path))
    #expect(try AssistantPrompt(file: path, flags: []).sections.count == 1)
    try Data(repeating: 0x61, count: 1 << 20).write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: NexyError.self) { try AssistantPrompt(file: path, flags: []) }
    #expect(error?.message == "\(path) has more than 64 KiB; shorten it.")
  }

  @Test("what cannot be read is named with the remedy", arguments: ["/nowhere/prompt.md", "/"])
  func refusesPath(path: String) {
    let error = #expect(throws: NexyError.self) { try AssistantPrompt(file: path, flags: []) }
    #expect(error?.code.rawValue == "bad_prompt")
    #expect(error?.message.hasPrefix("\(path) cannot be read") == true)
    #expect(error?.message.contains("ASSISTANT_PROMPT") == true)
  }
}
