import Foundation
import NexyCore
import NexyUpdates
import Testing

@Suite("A private key comes from a file that only its owner reads")
struct PrivateKeyFileTests {
  private static let vector = SignatureVector.all[1]

  @Test("a file of mode 0600 or stricter is read", arguments: [0o600, 0o400, 0o200] as [mode_t])
  func read(mode: mode_t) throws {
    let stage = try ManifestStage()
    let path = try keyFile(stage, mode: mode)
    // Mode 0200 is readable by nobody but root.
    if mode == 0o200, geteuid() != 0 { return }
    #expect(try PrivateKeyFile.read(path).publicKey.base64 == Self.vector.publicText)
  }

  @Test(
    "a file that is open to others, or can be run, is refused with the command that closes it",
    arguments: [
      0o644, 0o640, 0o604, 0o660, 0o606, 0o601, 0o610, 0o700, 0o4600, 0o777,
    ] as [mode_t])
  func open(mode: mode_t) throws {
    let stage = try ManifestStage()
    let path = try keyFile(stage, mode: mode)
    let error = #expect(throws: NexyError.self) { try PrivateKeyFile.read(path) }
    #expect(error?.code == .signingKeyNotRead)
    #expect(error?.message.contains("chmod 600 \(path)") == true)
    #expect(error?.message.contains(Self.vector.seedText) == false)
  }

  @Test("a link is refused, also to a good file")
  func link() throws {
    let stage = try ManifestStage()
    try FileManager.default.createSymbolicLink(
      atPath: stage.path("link"), withDestinationPath: try keyFile(stage, mode: 0o600))
    let error = #expect(throws: NexyError.self) { try PrivateKeyFile.read(stage.path("link")) }
    #expect(error?.message.contains("is a link") == true)
  }

  @Test("a folder, a pipe and a missing file are refused, and none of them makes the command wait")
  func noFile() throws {
    let stage = try ManifestStage()
    #expect(mkfifo(stage.path("pipe"), 0o600) == 0)
    for path in [stage.folder, stage.path("pipe"), stage.path("missing"), "/dev/null"] {
      let error = #expect(throws: NexyError.self) { try PrivateKeyFile.read(path) }
      #expect(error?.code == .signingKeyNotRead)
      #expect(error?.message.contains(path) == true)
    }
  }

  @Test("another user's file is refused", .enabled(if: geteuid() == 0))
  func foreign() throws {
    let stage = try ManifestStage()
    let path = try keyFile(stage, mode: 0o600)
    #expect(chown(path, 1, 1) == 0)
    let error = #expect(throws: NexyError.self) { try PrivateKeyFile.read(path) }
    #expect(error?.message.contains("another user") == true)
  }

  @Test("a file that is too long, empty or no text is refused")
  func content() throws {
    let stage = try ManifestStage()
    for bytes in [[], [UInt8](repeating: 0x41, count: 4097), [0xFF, 0xFE, 0x00]] {
      try AtomicFile.write(bytes, to: stage.path("key"), mode: 0o600)
      #expect(throws: NexyError.self) { try PrivateKeyFile.read(stage.path("key")) }
    }
  }

  @Test("standard input gives a key too")
  func standardInput() throws {
    let bytes = Array("\(Self.vector.seedText)\n".utf8)
    #expect(try PrivateKeyFile.read(standardInput: bytes).publicKey.base64 == Self.vector.publicText)
    for wrong in [[], [0xFF], [UInt8](repeating: 0x41, count: 5000)] {
      let error = #expect(throws: NexyError.self) { try PrivateKeyFile.read(standardInput: wrong) }
      #expect(error?.message.contains("AAAA") == false)
    }
  }

  @Test("a new key's file is its owner's alone and reads back")
  func write() throws {
    let stage = try ManifestStage()
    let key = SparklePrivateKey.generate()
    try PrivateKeyFile.write(key, to: stage.path("key"))
    let attributes = try FileManager.default.attributesOfItem(atPath: stage.path("key"))
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    #expect(attributes[.size] as? Int == 45)
    #expect(try PrivateKeyFile.read(stage.path("key")).publicKey == key.publicKey)
  }

  @Test("a file that is there is never overwritten, nor what a link points to")
  func neverOverwritten() throws {
    let stage = try ManifestStage()
    try stage.write("precious", "key")
    try FileManager.default.createSymbolicLink(atPath: stage.path("link"), withDestinationPath: stage.path("other"))
    for name in ["key", "link"] {
      let error = #expect(throws: NexyError.self) { try PrivateKeyFile.write(.generate(), to: stage.path(name)) }
      #expect(error?.code == .signingKeyNotWritten)
      #expect(error?.message.contains("there already") == true)
    }
    #expect(stage.bytes("key") == Array("precious".utf8))
    #expect(stage.bytes("other") == nil)
    let error = #expect(throws: NexyError.self) { try PrivateKeyFile.write(.generate(), to: stage.path("no/key")) }
    #expect(error?.message.contains("No such file or directory") == true)
  }

  private func keyFile(_ stage: ManifestStage, mode: mode_t) throws -> String {
    try stage.write("\(Self.vector.seedText)\n", "key")
    #expect(chmod(stage.path("key"), mode) == 0)
    return stage.path("key")
  }
}
