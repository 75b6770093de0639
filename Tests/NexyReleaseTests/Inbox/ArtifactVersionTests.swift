import Foundation
import NexyCore
import NexyRelease
import NexyUpdates
import Synchronization
import Testing

@Suite("Which version an artifact carries")
struct ArtifactVersionTests {
  private static let plist = Array(
    """
    <?xml version="1.0" encoding="UTF-8"?>
    <plist version="1.0"><dict><key>CFBundleVersion</key><string>2.0.0.160</string>\
    <key>CFBundleShortVersionString</key><string>2.0.0.16</string></dict></plist>
    """.utf8)

  @Test("7-Zip lists a disk image and takes out the outermost application's property list, by exact arguments")
  func sevenZip() async throws {
    let listing = """
      Path = Nexy/Nexy.app/Contents/Frameworks/Up.app/Contents/Info.plist
      Size = 1

      Path = Nexy/Nexy.app/Contents/Info.plist
      Path = Nexy/Nexy.app/Contents/Resources/Info.plist
      """
    let programs = FakePrograms([.ended(output: Array(listing.utf8), status: 0), .ended(output: Self.plist, status: 0)])
    #expect(
      try await ArtifactVersion.read("in/-Nexy.dmg", with: programs) == .known(build: "2.0.0.160", version: "2.0.0.16"))
    #expect(
      programs.commands == [
        ["7zz", "l", "-ba", "-slt", "-sccUTF-8", "-p", "-ir!Info.plist", "--", "in/-Nexy.dmg"],
        ["7zz", "e", "-so", "-spd", "-sccUTF-8", "-p", "--", "in/-Nexy.dmg", "Nexy/Nexy.app/Contents/Info.plist"],
      ])
  }

  @Test("a package is read as a xar, and bsdtar reads it where there is no 7-Zip, by exact arguments")
  func bsdtar() async throws {
    let programs = FakePrograms([
      .notInstalled, .notInstalled, .notInstalled,
      .ended(output: Array("Distribution\na[1].pkg/PackageInfo\n".utf8), status: 0),
      .ended(output: Array(#"<pkg-info version="2.0.0.16"/>"#.utf8), status: 0),
    ])
    #expect(
      try await ArtifactVersion.read("Nexy.pkg", with: programs) == .known(build: "2.0.0.16", version: "2.0.0.16"))
    #expect(
      programs.commands == [
        ["7zz", "l", "-ba", "-slt", "-sccUTF-8", "-p", "-txar", "-ir!PackageInfo", "--", "Nexy.pkg"],
        ["7z", "l", "-ba", "-slt", "-sccUTF-8", "-p", "-txar", "-ir!PackageInfo", "--", "Nexy.pkg"],
        ["7za", "l", "-ba", "-slt", "-sccUTF-8", "-p", "-txar", "-ir!PackageInfo", "--", "Nexy.pkg"],
        ["bsdtar", "-tf", "Nexy.pkg"], ["bsdtar", "-xOf", "Nexy.pkg", "--", "a\\[1].pkg/PackageInfo"],
      ])
  }

  private static let unknowns: [(file: String, results: [ProgramResult], reason: String)] = [
    ("Nexy.dmg", [.notInstalled, .notInstalled, .notInstalled], "Install 7-Zip"),
    ("Nexy.pkg", [.notInstalled, .notInstalled, .notInstalled, .notInstalled], "Install 7-Zip"),
    ("Nexy.dmg", [.ended(output: [], status: 2)], "exit status 2"),
    ("Nexy.dmg", [.ended(output: [], status: nil)], "ended by a signal"),
    ("Nexy.dmg", [.failed("took longer than 60 seconds")], "took longer"),
    ("Nexy.dmg", [.ended(output: [], status: 0)], "no application"),
    ("Nexy.dmg", [listing("A.app/Contents/Info.plist", "B.app/Contents/Info.plist")], "2 applications"),
    (
      "Nexy.dmg", [listing("A.app/Contents/Info.plist"), .ended(output: Array("x".utf8), status: 0)], "CFBundleVersion"
    ),
    ("Nexy.dmg", [listing("A.app/Contents/Info.plist"), .failed("wrote more than 5 bytes")], "wrote more"),
    ("Nexy.pkg", [listing("PackageInfo"), .ended(output: Array("<x/>".utf8), status: 0)], "no PackageInfo"),
    ("Nexy.pkg", [listing("deep/er/PackageInfo")], "no PackageInfo"),
    ("notes.md", [], "no .dmg, .pkg or .zip"), ("Nexy", [], "no .dmg, .pkg or .zip"),
  ]

  private static func listing(_ members: String...) -> ProgramResult {
    .ended(output: Array(members.map { "Path = \($0)\n" }.joined().utf8), status: 0)
  }

  @Test("what cannot be known is said with its reason", arguments: unknowns)
  func unknown(file: String, results: [ProgramResult], reason: String) async throws {
    let programs = FakePrograms(results)
    guard case .unknown(let text) = try await ArtifactVersion.read(file, with: programs) else {
      Issue.record("It claims to know.")
      return
    }
    #expect(text.contains(reason))
    #expect(programs.commands.count == results.count)
  }

  private static let verdicts: [(carried: ArtifactVersion, rule: String?)] = [
    (.known(build: "2.0.0.160", version: "2.0.0.16"), nil),
    (.known(build: "2.0.0.160.", version: "2.0.0.16"), "artifact-version"),
    (.known(build: "2.0.0.16", version: "2.0.0.16"), "artifact-version"),
    (.known(build: "2.0.0.160", version: "2.0.0.15"), "artifact-version"),
    (.unknown("why"), "artifact-version-unknown"),
  ]

  @Test(
    "an artifact of another version or build is refused; one that nobody could look into is told", arguments: verdicts)
  func finding(carried: ArtifactVersion, rule: String?) {
    let finding = carried.finding(
      for: "Nexy.dmg", version: ReleaseVersion("2.0.0.16")!, build: ReleaseVersion("2.0.0.160")!)
    #expect(finding?.rule == rule)
    #expect((finding?.effect == .rejected) == (rule == "artifact-version"))
  }

  // MARK: - With the programs of this machine

  /// Whether a program is on PATH.
  static func isInstalled(_ names: String...) -> Bool {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return names.contains { name in
      folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
    }
  }

  private static let samples: [(name: String, bytes: Data, version: ArtifactVersion)] = [
    ("Nexy.dmg", ArchiveSamples.diskImage, .known(build: "2.0.0.16", version: "2.0.0.16")),
    ("Nexy.pkg", ArchiveSamples.productPackage, .known(build: "2.0.0.160", version: "2.0.0.16")),
    ("Component.pkg", ArchiveSamples.componentPackage, .known(build: "2.0.0.17", version: "2.0.0.17")),
    ("Nexy.zip", ArchiveSamples.zip, .known(build: "2.0.0.160", version: "2.0.0.16")),
    ("Zip.dmg", ArchiveSamples.zip, .known(build: "2.0.0.160", version: "2.0.0.16")),
  ]

  @Test(
    "a real disk image, package and zip are read by 7-Zip",
    .enabled(if: isInstalled("7zz", "7z", "7za"), "Install 7-Zip (Debian: 7zip) for this test."), arguments: samples)
  func real(name: String, bytes: Data, version: ArtifactVersion) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "nexy-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: name)
    try bytes.write(to: path)
    #expect(try await ArtifactVersion.read(path.path) == version)
    // Half of it is no artifact.
    try bytes.prefix(bytes.count / 2).write(to: path)
    guard case .unknown = try await ArtifactVersion.read(path.path) else {
      Issue.record("Half a file has a version.")
      return
    }
  }
}

/// Programs that answer in turn, and remember how they were run.
final class FakePrograms: ProgramRunner {
  private let state: Mutex<(results: [ProgramResult], commands: [[String]])>

  init(_ results: [ProgramResult]) { state = Mutex((results, [])) }

  var commands: [[String]] { state.withLock(\.commands) }

  func run(
    _ program: String, _ arguments: [String], outputLimit: Int, timeLimit: Duration
  ) async throws -> ProgramResult {
    state.withLock { state in
      state.commands.append([program] + arguments)
      return state.results.isEmpty ? .failed("was not expected") : state.results.removeFirst()
    }
  }
}
