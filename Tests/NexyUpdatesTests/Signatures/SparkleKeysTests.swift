import Crypto
import Foundation
import NexyCore
import NexyUpdates
import Testing

@Suite("Keys in Sparkle's forms")
struct SparkleKeysTests {
  @Test("the vectors of RFC 8032 sign and verify", arguments: SignatureVector.all)
  func vectors(vector: SignatureVector) throws {
    let key = try vector.privateKey()
    #expect(key.publicKey.base64 == vector.publicText)
    let publicKey = try SparklePublicKey(base64: vector.publicText)
    #expect(publicKey == key.publicKey)
    let known = try #require(ArtifactSignature(bytes: vector.signature))
    #expect(publicKey.isValid(known, for: vector.message))
    let signed = try #require(ArtifactSignature(bytes: try key.signature(of: vector.message)))
    #expect(publicKey.isValid(signed, for: vector.message))
    #if !canImport(CryptoKit)
    #expect(signed == known)
    #endif
  }

  @Test("a flipped bit of message, signature or key is noticed", arguments: SignatureVector.all)
  func flips(vector: SignatureVector) throws {
    let publicKey = try SparklePublicKey(base64: vector.publicText)
    let signature = try #require(ArtifactSignature(bytes: vector.signature))
    for index in vector.message.indices {
      #expect(!publicKey.isValid(signature, for: flipped(vector.message, index)))
    }
    for index in vector.signature.indices {
      let wrong = try #require(ArtifactSignature(bytes: flipped(vector.signature, index)))
      #expect(!publicKey.isValid(wrong, for: vector.message))
    }
    for index in vector.publicKey.indices {
      let wrong = try SparklePublicKey(base64: Data(flipped(vector.publicKey, index)).base64EncodedString())
      #expect(!wrong.isValid(signature, for: vector.message))
    }
  }

  @Test("white space around a key does no harm", arguments: ["\n", "\r\n", "  \n\n"])
  func space(blank: String) throws {
    let vector = SignatureVector.all[1]
    #expect(try SparklePrivateKey(base64: blank + vector.seedText + blank).publicKey.base64 == vector.publicText)
    #expect(try SparklePublicKey(base64: blank + vector.publicText + blank).base64 == vector.publicText)
  }

  private static let unusable: [(text: String, word: String)] = [
    ("", "no base64"), ("\n", "no base64"), ("not base64!", "no base64"),
    (Data(repeating: 7, count: 31).base64EncodedString(), "31 bytes"),
    (Data(repeating: 7, count: 33).base64EncodedString(), "33 bytes"),
    (Data(repeating: 7, count: 64).base64EncodedString(), "64 bytes"),
    (String(repeating: "ab", count: 32), "48 bytes"),
    ("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----", "no base64"),
  ]

  @Test("what is no private key is refused, and not a word of it is told", arguments: unusable)
  func refused(text: String, word: String) {
    let error = #expect(throws: NexyError.self) { try SparklePrivateKey(base64: text) }
    #expect(error?.code == .signingKeyUnusable)
    #expect(error?.message.contains(word) == true)
    #expect(text.trimmed.isEmpty || error?.message.contains(text.trimmed) == false)
    #expect(error?.fullDetail == nil)
  }

  @Test("Sparkle's older form of 96 bytes is known, and refused with what to do")
  func expanded() throws {
    let vector = SignatureVector.all[0]
    // As ed25519_create_keypair of orlp/ed25519 makes it: the seed's SHA-512, clamped; then the public key.
    var expanded = Array(SHA512.hash(data: vector.seed))
    expanded[0] &= 248
    expanded[31] = expanded[31] & 63 | 64
    let text = Data(expanded + vector.publicKey).base64EncodedString()
    let error = #expect(throws: NexyError.self) { try SparklePrivateKey(base64: text) }
    #expect(error?.code == .signingKeyUnusable)
    for word in ["96 bytes", "sign_update", "--signature", "rotation"] {
      #expect(error?.message.contains(word) == true)
    }
  }

  @Test(
    "a public key of another size is refused", arguments: ["", "AAAA", "no key", String(repeating: "A", count: 88)])
  func publicRefused(text: String) {
    let error = #expect(throws: NexyError.self) { try SparklePublicKey(base64: text) }
    #expect(error?.code == .publicKeyUnusable)
    #expect(error?.message.contains("SUPublicEDKey") == true)
  }

  @Test("a new key is another one every time, and signs")
  func generated() throws {
    let (one, other) = (SparklePrivateKey.generate(), SparklePrivateKey.generate())
    #expect(one.publicKey != other.publicKey)
    let signature = try #require(ArtifactSignature(bytes: try one.signature(of: [1, 2, 3])))
    #expect(one.publicKey.isValid(signature, for: [1, 2, 3]))
    #expect(!other.publicKey.isValid(signature, for: [1, 2, 3]))
  }

  @Test("nothing prints a private key")
  func silent() throws {
    let vector = SignatureVector.all[2]
    let key = try vector.privateKey()
    var dumped = ""
    dump(key, to: &dumped)
    dump([key], to: &dumped)
    dump((name: "pair", key: Optional(key)), to: &dumped)
    let texts = [
      "\(key)", String(describing: key), String(reflecting: key), "\([key])", "\(Optional(key) as Any)", dumped,
      "\(Mirror(reflecting: key).children.map { "\($0)" })",
    ]
    let seed = vector.seed.map { String($0, radix: 16) }.joined()
    for text in texts {
      #expect(!text.contains(vector.seedText))
      #expect(!text.lowercased().contains(seed))
      #expect(!text.contains("197, 170, 141"))
      #expect(!text.contains("Curve25519"))
    }
    #expect("\(key)" == "a private signing key")
    #expect(Mirror(reflecting: key).children.isEmpty)
  }

  private func flipped(_ bytes: [UInt8], _ index: Int) -> [UInt8] {
    var bytes = bytes
    bytes[index] ^= 1
    return bytes
  }
}
