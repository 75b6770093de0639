import Foundation
import NexyCore
import NexyUpdates
import Testing

@testable import NexyRelease

@Suite("What a version may not be set to, and where")
struct VersionPlanTests {
  static let steps: [(standing: String?, published: String?, next: String, isRefused: Bool)] = [
    (nil, nil, "2.0.0.16", false), (nil, nil, "20260225.0.0.1", true), (nil, "2.0.0.15", "2.0.0.16", false),
    (nil, "2.0.0.15", "2.0.0.14", true), ("2.0.0.15", nil, "2.0.0.15", false), ("2.0.0.15", nil, "2.0.0.16", false),
    ("2.0.0.15", nil, "2.0.0.14", true), ("2.0.0.15", nil, "2.0.0.1015", false), ("2.0.0.15", nil, "2.0.0.1016", true),
    ("2.0.0.15", nil, "3.0.0.0", false), ("2.0.0.15", nil, "4.0.0.0", true), ("2.0.0.15", "2.0.0.20", "2.0.0.16", true),
    ("2.0.0.15", "2.0.0.20", "2.0.0.20", false), ("2.0", nil, "2.0.0.1", false), ("v2", nil, "2.0.0.16", true),
    ("", nil, "2.0.0.16", true),
  ]

  @Test("a lower version, a jump and an unknown past need an override", arguments: steps)
  func step(standing: String?, published: String?, next: String, isRefused: Bool) throws {
    var files: [String: String] = [:]
    files["VERSION"] = standing
    files["manifest.json"] = try published.map { try VersionFolder.manifest($0) }
    let survey = try Self.survey("server file VERSION; server manifest manifest.json", files)
    let version = try VersionFolder.version(next)
    let refusal = #expect(throws: (any Error).self) {
      _ = try VersionPlan(of: version, axes: [.server], in: survey)
      throw CancellationError()
    }
    #expect((refusal as? NexyError)?.code == (isRefused ? .versionStepRefused : nil))
    let plan = try VersionPlan(of: version, axes: [.server], in: survey, isOverridden: true)
    #expect(plan.overridden.isEmpty != isRefused)
  }

  @Test(
    "one place that cannot be set keeps every other from being set",
    arguments: [
      ("server file A\nserver text B At {version}", ["A": "1.0.0.0", "B": "nothing"], "B: \"At {version}\" is gone"),
      ("server file A\nserver yaml B v", ["A": "1.0.0.0", "B": "{"], "B: it is no valid YAML"),
      ("server text A v: {version}\nserver text A : {version}", ["A": "v: 1"], "A: two rows of the table"),
      ("server file A\nserver text A v: {version}", ["A": "v: 1"], "A: two rows of the table"),
    ])
  func problem(table: String, files: [String: String], reason: String) throws {
    let survey = try Self.survey(table, files)
    let error = #expect(throws: NexyError.self) {
      try VersionPlan(of: VersionFolder.version("1.0.0.1"), axes: [.server], in: survey, isOverridden: true)
    }
    #expect(error?.code == .versionNotSettable && error?.message.contains(reason) == true, "\(error?.message ?? "")")
  }

  @Test("two places of one file both change")
  func together() throws {
    let files = ["A": "v: 1.0.0.0, w: 1.0.0.0\n"]
    let survey = try Self.survey("server text A w: {version}\nserver text A v: {version}", files)
    let plan = try VersionPlan(of: VersionFolder.version("1.10.0.0"), axes: [.server], in: survey)
    #expect(plan.files.map { String(decoding: $0.new, as: UTF8.self) } == ["v: 1.10.0.0, w: 1.10.0.0\n"])
  }

  @Test("a link is refused, as the file and as another name of one", arguments: [true, false])
  func links(isSymbolic: Bool) async throws {
    let folder = try VersionFolder(["VERSION": "1.0.0.0\n"])
    let (old, new) = ("\(folder.path)/VERSION", "\(folder.path)/OTHER")
    if isSymbolic {
      try FileManager.default.createSymbolicLink(atPath: new, withDestinationPath: old)
    } else {
      try FileManager.default.linkItem(atPath: old, toPath: new)
    }
    let writer = try folder.writer(table: "server file VERSION\nserver file OTHER")
    let version = try VersionFolder.version("1.0.0.1")
    let error = await #expect(throws: NexyError.self) { try await writer.set(version, axes: [.server]) }
    #expect(error?.code == .versionNotSettable)
    #expect(error?.message.contains(isSymbolic ? "OTHER: it is a link" : "OTHER and VERSION are one file") == true)
    #expect(try folder.tree()["VERSION"] == "1.0.0.0\n")
  }

  @Test(
    "only four numbers without leading zeros are a version to set",
    arguments: ["1.2.3", "1.2.3.4.5", "1.2.3.04", "1..3.4", "v1.2.3.4", "1.2.3.4 ", "", "1.2.3.1234567890"])
  func form(text: String) { #expect(ReleaseVersion(fourParts: text) == nil) }

  private static func survey(_ table: String, _ files: [String: String]) throws -> VersionSurvey {
    VersionSurvey(try VersionTable.places(table), rules: ManifestRules()) { path in
      files[path].map { .present(Array($0.utf8), nil) } ?? .absent
    }
  }
}
