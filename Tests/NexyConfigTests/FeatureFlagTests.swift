import Foundation
import NexyCore
import Testing

@testable import NexyConfig

@Suite("Flags are few, known and explained")
struct FeatureFlagTests {
  @Test("no two flags share a key or a name")
  func unique() {
    #expect(Set(FeatureFlag.all.map(\.key)).count == FeatureFlag.all.count)
    #expect(Set(FeatureFlag.all.map(\.environmentName)).count == FeatureFlag.all.count)
    #expect(FeatureFlag.all.allSatisfy { !$0.meaning.isEmpty && !$0.owner.isEmpty })
  }

  @Test("a kill switch is off by itself", arguments: FeatureFlag.all.filter { $0.kind == .killSwitch }.map(\.key))
  func killSwitch(key: String) {
    #expect(FeatureFlag.all.first { $0.key == key }?.standard == false)
  }

  @Test("the guide has a row for each flag")
  func guide() throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/operating.md")
    let guide = try String(contentsOf: path.standardized, encoding: .utf8)
    for flag in FeatureFlag.all where flag.kind != .retired {
      let line = [
        "`\(flag.key)`", "`\(flag.environmentName)`", flag.kind.rawValue, flag.standard ? "on" : "off", flag.owner,
        flag.meaning,
      ]
      #expect(guide.contains("| " + line.joined(separator: " | ") + " |"), "\(line)")
    }
  }

  @Test(
    "a kill switch that nobody knows is refused by its name",
    arguments: ["NEXY_KS_DISABLE_EVERYTHING", "NEXY_KS_DISABLE_FORWARD_ASSISTANT_ACTION", "NEXY_KS_"])
  func unknown(name: String) throws {
    let inEnvironment = #expect(throws: NexyError.self) {
      try SettingsFolder().settings(environment: [name: "true"])
    }
    #expect(inEnvironment?.message.contains("environment: \(name) is not a setting") == true)
    let folder = try SettingsFolder(environmentFile: "\(name)=true")
    let inFile = #expect(throws: NexyError.self) { try folder.settings() }
    #expect(inFile?.message.contains("\(name) is not a setting") == true)
  }

  private static let oldSwitches = FeatureFlag.all.filter { $0.kind == .retired }.map {
    ($0.environmentName, $0.standard)
  }

  @Test("a switch of the predecessor's is taken with its default and refused otherwise", arguments: oldSwitches)
  func retired(name: String, standard: Bool) throws {
    _ = try SettingsFolder().settings(environment: [name: "\(standard)"])
    let error = #expect(throws: NexyError.self) {
      try SettingsFolder().settings(environment: [name: "\(!standard)"])
    }
    #expect(error?.message.contains(name) == true && error?.message.contains("remove it") == true)
  }

  @Test("a board tells what changed, and only that")
  func board() throws {
    let before = try SettingsFolder().settings().flags
    let after = try SettingsFolder().settings(environment: ["NEXY_KS_DISABLE_FORWARD_ASSISTANT_ACTIONS": "true"]).flags
    let board = FlagBoard(before)
    #expect(board.set(before).isEmpty)
    #expect(board.set(after).map(\.key) == [FeatureFlag.disableActions.key])
    #expect(!board.current.forwardsActions)
  }

  @Test("settings that wait for a restart are named, flags are not")
  func changedKeys() throws {
    let before = try SettingsFolder().settings()
    let after = try SettingsFolder().settings(environment: ["GRPC_PORT": "1", "WHATSAPP_ENABLED": "true"])
    #expect(after.changedKeys(from: before) == ["grpc.port"])
    #expect(before.changedKeys(from: before) == [])
  }
}
