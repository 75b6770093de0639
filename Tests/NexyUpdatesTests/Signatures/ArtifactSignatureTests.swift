import Foundation
import NexyCore
import NexyUpdates
import Testing

@Suite("A signature is of one file's bytes")
struct ArtifactSignatureTests {
  @Test("a file is signed and checked, whatever its size", arguments: [1, 2, 4095, 4096, 4097, 1_000_003])
  func signs(size: Int) throws {
    let stage = try ManifestStage()
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try AtomicFile.write(bytes, to: stage.path("Nexy.dmg"))
    let key = SparklePrivateKey.generate()
    let signature = try ArtifactSignature.signing(stage.path("Nexy.dmg"), with: key)
    #expect(key.publicKey.isValid(signature, for: bytes))
    #expect(try signature.isValid(for: stage.path("Nexy.dmg"), by: key.publicKey))
    #expect(!(try signature.isValid(for: stage.path("Nexy.dmg"), by: SparklePrivateKey.generate().publicKey)))
    #expect(ArtifactSignature(base64: signature.base64) == signature)
  }

  @Test("any flipped byte of a file, one more and one less are noticed")
  func flips() throws {
    let stage = try ManifestStage()
    let key = SparklePrivateKey.generate()
    let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0) }
    try AtomicFile.write(bytes, to: stage.path("a"))
    let signature = try ArtifactSignature.signing(stage.path("a"), with: key)
    for index in bytes.indices {
      var wrong = bytes
      wrong[index] ^= UInt8(1 << (index % 8))
      try AtomicFile.write(wrong, to: stage.path("b"))
      #expect(!(try signature.isValid(for: stage.path("b"), by: key.publicKey)))
    }
    for wrong in [bytes + [0], Array(bytes.dropLast()), Array(bytes.dropFirst())] {
      try AtomicFile.write(wrong, to: stage.path("b"))
      #expect(!(try signature.isValid(for: stage.path("b"), by: key.publicKey)))
    }
  }

  @Test("only base64 of 64 bytes in its one spelling is a signature")
  func spelling() {
    let good = String(repeating: "A", count: 86) + "=="
    #expect(ArtifactSignature(base64: good)?.bytes == [UInt8](repeating: 0, count: 64))
    for wrong in [
      "", "A", String(good.dropLast()), good + "=", " " + good, good + "\n", String(repeating: "A", count: 85) + "B==",
      String(repeating: "A", count: 84), String(repeating: "A", count: 88), String(repeating: "!", count: 88),
    ] {
      #expect(ArtifactSignature(base64: wrong) == nil)
    }
  }

  @Test("what cannot be signed is an error that names it")
  func refused() throws {
    let stage = try ManifestStage()
    try AtomicFile.write([], to: stage.path("empty"))
    try AtomicFile.write([1], to: stage.path("huge"))
    // A file with a hole: 2 GiB and a byte, and nothing of it on the disk.
    #expect(truncate(stage.path("huge"), off_t(ArtifactSignature.largest) + 1) == 0)
    for (path, code) in [
      (stage.path("empty"), NexyError.Code.fileNotRead), (stage.path("huge"), .fileTooLarge),
      (stage.path("missing"), .fileNotRead), (stage.folder, .fileNotRead),
    ] {
      let error = #expect(throws: NexyError.self) { try ArtifactSignature.signing(path, with: .generate()) }
      #expect(error?.code == code)
      #expect(error?.message.contains(path) == true)
    }
  }
}
