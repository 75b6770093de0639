import Foundation
import Testing

@testable import NexyConfig

@Suite("The example files in config/ name every setting once")
struct ExampleFilesTests {
  /// A setting's line of an example, commented out or not; lines that start with `##` explain.
  private struct Entry: Equatable {
    let name: String
    let value: String
    let isExplained: Bool
  }

  private let yaml = entries(of: "config/nexy.yaml", separator: ":")
  private let environment = entries(of: "config/config.env.example", separator: "=")

  @Test("nexy.yaml names every setting exactly once and nothing else")
  func yamlKeys() throws {
    #expect(yaml.map(\.name).sorted() == (try settings()).map(\.key).sorted())
  }

  @Test("config.env.example names every setting exactly once and nothing else")
  func environmentNames() throws {
    #expect(environment.map(\.name).sorted() == (try settings()).map(\.environmentName).sorted())
  }

  @Test("every setting is explained in a line above it")
  func explained() {
    #expect((yaml + environment).filter { !$0.isExplained } == [])
  }

  @Test("what an example gives is the default")
  func defaults() throws {
    for setting in try settings() {
      let values = [
        yaml.first { $0.name == setting.key }?.value, environment.first { $0.name == setting.environmentName }?.value,
      ]
      for case let value? in values where !value.isEmpty {
        #expect(value == setting.value, "\(setting.key)")
      }
    }
  }

  @Test("a shipped nexy.yaml sets nothing")
  func commentedOut() throws {
    let text = try Self.text(of: "config/nexy.yaml")
    #expect(try SettingsFolder(yaml: text).settings().resolved.allSatisfy { $0.source == "default" })
  }

  @Test("an example whose settings are all uncommented is accepted")
  func uncommented() throws {
    let folder = try SettingsFolder(
      environmentFile: Self.uncommented(Self.text(of: "config/config.env.example")),
      yaml: Self.uncommented(Self.text(of: "config/nexy.yaml")))
    let values = try folder.settings().resolved.map(\.value)
    #expect(values == (try settings()).map(\.value))
  }

  private func settings() throws -> [ResolvedSetting] { try SettingsFolder().settings().resolved }

  private static func entries(of path: String, separator: Character) -> [Entry] {
    let lines = (try? text(of: path))?.split(separator: "\n", omittingEmptySubsequences: false) ?? []
    return zip([""] + lines, lines).compactMap { above, line in
      guard !line.hasPrefix("##"), let end = line.firstIndex(of: separator) else { return nil }
      let name = line[..<end].drop { $0 == "#" || $0 == " " }
      let value = line[end...].dropFirst().drop { $0 == " " }
      return Entry(name: String(name), value: String(value), isExplained: above.hasPrefix("## "))
    }
  }

  private static func uncommented(_ text: String) -> String {
    let lines = text.split(separator: "\n").map { $0.hasPrefix("# ") ? $0.dropFirst(2) : $0 }
    return lines.joined(separator: "\n")
  }

  private static func text(of path: String) throws -> String {
    let root = URL(fileURLWithPath: #filePath).appendingPathComponent("../../..").standardizedFileURL
    return try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }
}
