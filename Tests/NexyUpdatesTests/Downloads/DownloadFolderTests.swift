import Foundation
import NIOCore
import NexyCore
import Testing

@testable import NexyUpdates

@Suite("The downloads folder")
struct DownloadFolderTests {
  /// A folder with one file of every kind, and the names that may be downloaded.
  static func everyKind() throws -> (folder: TemporaryFolder, outside: TemporaryFolder, served: [String]) {
    let (folder, outside) = (try TemporaryFolder(), try TemporaryFolder())
    try outside.write("secret.txt", Array("secret".utf8))
    for name in ["Nexy.dmg", "a\\b.zip", "Nexy beta Я.dmg", ".hidden", "Nexy.dmg.1.2.tmp", "Nexy.pkg~"] {
      try folder.write(name, Array(name.utf8))
    }
    let files = FileManager.default
    try files.createDirectory(atPath: folder.path("folder"), withIntermediateDirectories: true)
    try files.createSymbolicLink(atPath: folder.path("link.dmg"), withDestinationPath: outside.path("secret.txt"))
    try files.createSymbolicLink(atPath: folder.path("inner.dmg"), withDestinationPath: "Nexy.dmg")
    try files.createSymbolicLink(atPath: folder.path("loop.dmg"), withDestinationPath: "loop.dmg")
    try files.createSymbolicLink(atPath: folder.path("up"), withDestinationPath: outside.path)
    try files.linkItem(atPath: outside.path("secret.txt"), toPath: folder.path("hard.txt"))
    #expect(mkfifo(folder.path("pipe.dmg"), 0o644) == 0)
    // Only root may make a device; the test says the same without one.
    _ = mknod(folder.path("zero.dmg"), S_IFCHR | 0o644, dev_t(0x105))
    // Its name is no UTF-8, where the file system allows that.
    close(creat(folder.path.utf8CString.dropLast() + [0x2F, 0x61, -1, 0], 0o644))
    return (folder, outside, ["Nexy beta Я.dmg", "Nexy.dmg", "a\\b.zip", "hard.txt"])
  }

  @Test("Regular files that are whole are listed, and nothing else")
  func lists() throws {
    let (folder, _, served) = try Self.everyKind()
    let listing = try DownloadFolder(path: folder.path).listing()
    #expect(listing.files.map(\.name) == served)
    #expect(!listing.isTruncated)
    let file = try #require(listing.files.first { $0.name == "Nexy.dmg" })
    #expect(file.stamp.size == 8)
    #expect(file.stamp.modified == TemporaryFolder.modified)
  }

  @Test("What is listed can be opened, and nothing else")
  func opens() throws {
    let (folder, _, served) = try Self.everyKind()
    let downloads = DownloadFolder(path: folder.path)
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) + ["", ".", "..", "nothing", "/"] {
      let file = try downloads.open(name.utf8)
      #expect((file != nil) == served.contains(name), "\(name)")
    }
    #expect(folder.openFiles.isEmpty)
  }

  @Test("A name that only looks the same is another name")
  func comparesBytes() throws {
    let folder = try TemporaryFolder()
    try folder.write("caf\u{E9}.dmg", [1])
    let downloads = DownloadFolder(path: folder.path)
    // Equal as strings.
    #expect(try downloads.open("cafe\u{301}.dmg".utf8) == nil)
    #expect(try downloads.open("NEXY.dmg".utf8) == nil)
  }

  @Test(
    "No more entries are looked at than the limit, of whatever kind",
    arguments: [(3, true, 2), (4, true, 3), (5, false, 4)])
  func isBounded(_ limit: Int, _ isTruncated: Bool, _ atLeast: Int) throws {
    let folder = try TemporaryFolder()
    for name in ["a", "b", "c", "d", ".hidden"] { try folder.write(name, []) }
    let listing = try DownloadFolder(path: folder.path, limit: limit).listing()
    #expect(listing.isTruncated == isTruncated)
    #expect((atLeast...limit).contains(listing.files.count))
  }

  @Test("A folder that is not there has no files")
  func isMissing() throws {
    let folder = DownloadFolder(path: "/nonexistent/downloads")
    #expect(try folder.listing().files.isEmpty)
    #expect(try folder.open("Nexy.dmg".utf8) == nil)
  }

  @Test("What is no folder is an error that does not tell its path")
  func isNoFolder() throws {
    let folder = try TemporaryFolder()
    try folder.write("file", [])
    let error = #expect(throws: NexyError.self) { try DownloadFolder(path: folder.path("file")).listing() }
    #expect(error?.code == .fileNotRead)
    #expect(error?.message.contains(folder.path) == false)
  }

  @Test("A file that was written to or cut since it was opened is not read", arguments: ["written", "cut", "appended"])
  func noticesChanges(_ change: String) throws {
    let folder = try TemporaryFolder()
    let bytes = try folder.write("Nexy.dmg", noise(1000))
    let file = try #require(try DownloadFolder(path: folder.path).open("Nexy.dmg".utf8))
    let chunk = FileChunk(capacity: 100)
    try file.read(500..<600, into: chunk)
    #expect(Array(chunk.bytes.readableBytesView) == Array(bytes[500..<600]))
    let handle = try FileHandle(forUpdating: URL(filePath: folder.path("Nexy.dmg")))
    switch change {
    case "written": try handle.write(contentsOf: [1, 2, 3])
    case "cut": try handle.truncate(atOffset: 550)
    default:
      try handle.seekToEnd()
      try handle.write(contentsOf: [1])
    }
    try handle.close()
    let error = #expect(throws: NexyError.self) { try file.read(500..<600, into: chunk) }
    #expect(error?.code == .fileChanged)
  }
}
