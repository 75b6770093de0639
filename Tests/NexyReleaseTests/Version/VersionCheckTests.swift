import NexyCore
import NexyUpdates
import Testing

@testable import NexyRelease

@Suite("A check names every place that drifted and no other")
struct VersionCheckTests {
  private static let table = VersionFolder.table + "\nclient copy old/manifest.json updates/manifest.json"
  private static let good = VersionFolder.files.merging(["inbox/VERSION": "2.0.0.15\n"]) { $1 }

  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    /// Files beside the good ones; nil takes one away.
    var files: [String: String?] = [:]
    var expecting: String? = "2.0.0.15"
    var published = false
    var drift: [String] = []
    var pending: [String] = []

    var testDescription: String { name }
  }

  static let places = [
    Case(name: "all agree"),
    Case(name: "all agree with each other", expecting: nil),
    Case(name: "the file", files: ["VERSION": "2.0.0.14\n"], drift: ["VERSION=2.0.0.14, expected=2.0.0.15"]),
    Case(
      name: "the file is what the others are compared with", files: ["VERSION": "2.0.0.14\n"], expecting: nil,
      drift: ["config.env:2=2.0.0.15, expected=2.0.0.14", "docs/guide.md:3=2.0.0.15, expected=2.0.0.14"]),
    Case(
      name: "a setting", files: ["config.env": "SERVER_VERSION=2.0.0\n"],
      drift: ["config.env:1=2.0.0, expected=2.0.0.15"]),
    Case(name: "a setting that is not there", files: ["config.env": "# SERVER_VERSION=1\n"]),
    Case(
      name: "one of two sentences", files: ["docs/guide.md": "Server version: 2.0.0.15, Server version: 2.0.0.1"],
      drift: ["docs/guide.md:1=2.0.0.1, expected=2.0.0.15"]),
    Case(
      name: "no sentence", files: ["docs/guide.md": "# Guide"], drift: ["docs/guide.md=no marker, expected=2.0.0.15"]),
    Case(name: "no document", files: ["docs/guide.md": nil]),
    Case(name: "a key", files: ["app.yaml": "app.version: 3\n"], drift: ["app.yaml:1=3, expected=2.0.0.15"]),
    Case(
      name: "no YAML", files: ["app.yaml": "{"],
      drift: ["app.yaml=unreadable (it is no valid YAML), expected=2.0.0.15"]),
    Case(
      name: "three parts", files: ["VERSION": "2.0.0\n", "config.env": nil, "docs/guide.md": nil], expecting: nil,
      drift: ["VERSION=2.0.0, expected=X.Y.Z.W"]),
    Case(name: "files that are not there", files: ["VERSION": nil, "inbox/VERSION": nil]),
  ]

  @Test("of places that are set", arguments: places)
  func settable(item: Case) throws { try expect(item) }

  static func manifests() throws -> [Case] {
    let stable = try VersionFolder.manifest("2.0.0.15")
    let pair: [String: String?] = ["updates/manifest.json": stable, "updates/manifest_2.0.0.15.json": stable]
    let beta = try ["updates/manifest_beta.json": VersionFolder.manifest("2.0.0.16")] as [String: String?]
    let other = try VersionFolder.manifest("2.0.0.15", size: 11)
    return [
      Case(name: "a pair", files: pair),
      Case(
        name: "a pair before its release", files: pair, expecting: "2.0.0.16", drift: declared(drifted: "2.0.0.16"),
        pending: ["updates/manifest.json has 2.0.0.15 until 2.0.0.16"]),
      Case(
        name: "a beta above what is declared", files: pair.merging(beta) { $1 },
        drift: ["updates/manifest_beta.json=2.0.0.16, expected=2.0.0.15"]),
      Case(
        name: "no half", files: ["updates/manifest.json": stable],
        drift: ["updates/manifest_2.0.0.15.json=absent, expected=the release of updates/manifest.json"]),
      Case(
        name: "another half", files: ["updates/manifest.json": stable, "updates/manifest_2.0.0.15.json": other],
        drift: ["updates/manifest_2.0.0.15.json size=11, expected=10"]),
      Case(
        name: "another build",
        files: ["updates/manifest_beta.json": try VersionFolder.manifest("2.0.0.15", build: "2.0.0.14")],
        drift: ["updates/manifest_beta.json build=2.0.0.14, expected=2.0.0.15"]),
      Case(
        name: "no manifest", files: ["updates/manifest_beta.json": "{}"],
        drift: ["updates/manifest_beta.json=unreadable (version: It is missing.), expected=a good manifest"]),
      Case(
        name: "an older one that should be published",
        files: ["updates/manifest_beta.json": try VersionFolder.manifest("2.0.0.14")], published: true,
        drift: ["updates/manifest_beta.json=2.0.0.14, expected=2.0.0.15"]),
      Case(
        name: "nothing is published", published: true,
        drift: [
          "updates/manifest.json=absent, expected=2.0.0.15", "updates/manifest_beta.json=absent, expected=2.0.0.15",
        ]),
      Case(name: "a copy", files: pair.merging(["old/manifest.json": stable]) { $1 }),
      Case(
        name: "another copy", files: pair.merging(["old/manifest.json": other]) { $1 },
        drift: ["old/manifest.json=other bytes, expected=the bytes of updates/manifest.json"]),
      Case(
        name: "only manifests, the beta ahead",
        files: pair.merging(beta) { $1 }.merging(good.mapValues { _ in String?.none }) { $1 }, expecting: nil),
    ]
  }

  @Test("of manifests and copies", arguments: try manifests())
  func published(item: Case) throws { try expect(item) }

  @Test("nothing anywhere is drift only where a version was asked for")
  func empty() throws {
    let survey = VersionSurvey(try VersionTable.places(Self.table), rules: ManifestRules()) { _ in .absent }
    #expect(VersionCheck(of: survey, axes: VersionAxis.allCases).drift == [])
    let check = VersionCheck(of: survey, axes: VersionAxis.allCases, expecting: try VersionFolder.version("1.2.3.4"))
    #expect(check.drift.map(\.place) == ["VERSION", "inbox/VERSION"])
    #expect(check.drift.map(\.found) == ["absent", "absent"])
  }

  @Test("a machine may have one axis alone")
  func oneAxis() throws {
    let (survey, version) = (try Self.survey(["VERSION": "1.2.3.4"]), try VersionFolder.version("1.2.3.4"))
    #expect(VersionCheck(of: survey, axes: VersionAxis.allCases, expecting: version).drift == [])
    #expect(VersionCheck(of: survey, axes: [.client], expecting: version).drift.map(\.place) == ["inbox/VERSION"])
  }

  @Test("an axis that is not asked for is not looked at", arguments: VersionAxis.allCases)
  func axis(axis: VersionAxis) throws {
    let survey = try Self.survey(["VERSION": "1.1.1.1", "inbox/VERSION": "2.2.2.2"])
    let check = VersionCheck(of: survey, axes: [axis], expecting: try VersionFolder.version("3.3.3.3"))
    #expect(check.drift.map(\.axis) == [axis])
    #expect(Set(check.expected.keys) == [axis])
  }

  private static func declared(drifted expected: String) -> [String] {
    ["VERSION", "config.env:2", "docs/guide.md:3", "inbox/VERSION", "app.yaml:1"]
      .map { "\($0)=2.0.0.15, expected=\(expected)" }
  }

  private func expect(_ item: Case) throws {
    let files = Self.good.merging(item.files.filter { $0.value != nil }.mapValues { $0 ?? "" }) { $1 }
      .filter { item.files[$0.key] != .some(nil) }
    let check = VersionCheck(
      of: try Self.survey(files), axes: VersionAxis.allCases, expecting: try item.expecting.map(VersionFolder.version),
      published: item.published)
    #expect(check.drift.map { "\($0.place)=\($0.found), expected=\($0.expected)" } == item.drift)
    #expect(check.pending.map { "\($0.place) has \($0.has) until \($0.until)" } == item.pending)
  }

  private static func survey(_ files: [String: String]) throws -> VersionSurvey {
    VersionSurvey(try VersionTable.places(table), rules: ManifestRules()) { path in
      files[path].map { .present(Array($0.utf8), nil) } ?? .absent
    }
  }
}
