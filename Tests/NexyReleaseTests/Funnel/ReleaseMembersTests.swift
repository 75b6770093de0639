import NexyCore
import NexyRelease
import NexyUpdates
import Testing

@Suite("The files of a release stand in its manifest")
struct ReleaseMembersTests {
  private static let sum = String(repeating: "ab", count: 32)
  private static let manifest = Manifest(
    version: ReleaseVersion("2.0.0.16")!, build: ReleaseVersion("2.0.0.16")!, releaseDate: 1_772_000_000,
    artifact: .init(kind: .dmg, url: "https://github.com/o/n/Nexy.dmg", size: 1, sha256: sum))

  private static func file(_ role: ReleaseFile.Role, signature: String? = nil) -> ReleaseFile {
    ReleaseFile(
      role: role, size: 7, sha256: sum, signature: signature,
      place: .init(tag: "AppBeta", name: role.fileName, url: "https://github.com/o/n/\(role.fileName)"))
  }

  @Test("what was written is read back, through the manifest's own file too")
  func roundTrip() throws {
    let signature = String(repeating: "A", count: 86) + "=="
    let files = [Self.file(.pkg, signature: signature), Self.file(.notes)]
    let written = ReleaseMembers.manifest(Self.manifest, with: files)
    #expect(try ReleaseMembers.files(of: written) == files)
    let read = try #require(Manifest.reading(written.encoded()).manifest)
    #expect(try ReleaseMembers.files(of: read) == files)
    #expect(read.encoded() == written.encoded())
  }

  @Test("a manifest without the member, or with none, has no files", arguments: [nil, JSONValue.null, .array([])])
  func none(value: JSONValue?) throws {
    var manifest = Self.manifest
    manifest.members["files"] = value
    #expect(try ReleaseMembers.files(of: manifest).isEmpty)
  }

  @Test("files that are on no shelf are not written, and an empty list takes the member away")
  func unplaced() {
    var file = Self.file(.pkg)
    file.place = nil
    let full = ReleaseMembers.manifest(Self.manifest, with: [Self.file(.pkg)])
    #expect(full.members["files"] != nil)
    #expect(ReleaseMembers.manifest(full, with: [file]).members["files"] == nil)
    #expect(ReleaseMembers.manifest(full, with: []).members["files"] == nil)
  }

  private static let wrong: [(what: String, change: @Sendable (inout [String: JSONValue]) -> Void)] = [
    ("role", { $0["role"] = "zip" }), ("role", { $0["role"] = nil }), ("tag", { $0["tag"] = "" }),
    ("name", { $0["name"] = 1 }), ("url", { $0["url"] = nil }), ("size", { $0["size"] = 0 }),
    ("size", { $0["size"] = "7" }), ("sha256", { $0["sha256"] = "abc" }), ("ed25519", { $0["ed25519"] = "abc" }),
  ]

  @Test("an element that is wrong is refused by its number and name", arguments: wrong)
  func refused(what: String, change: @Sendable (inout [String: JSONValue]) -> Void) throws {
    var manifest = ReleaseMembers.manifest(Self.manifest, with: [Self.file(.pkg)])
    var members = try #require(manifest.members["files"]?.array?.first?.object)
    change(&members)
    manifest.members["files"] = .array([.object(members)])
    let error = #expect(throws: NexyError.self) { try ReleaseMembers.files(of: manifest) }
    #expect(error?.code == .manifestRefused)
    #expect(error?.message.contains("\(what) of element 1") == true)
  }

  @Test("what is no list of objects is refused", arguments: [JSONValue.string("x"), .array([1]), .object([:])])
  func noList(value: JSONValue) {
    var manifest = Self.manifest
    manifest.members["files"] = value
    #expect(throws: NexyError.self) { try ReleaseMembers.files(of: manifest) }
  }
}
