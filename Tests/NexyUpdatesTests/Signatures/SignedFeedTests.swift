import Foundation
import NexyCore
import NexyUpdates
import Testing

@Suite("A feed is signed and checked as Sparkle 2.9 does it")
struct SignedFeedTests {
  private static let feed = "<?xml version=\"1.0\"?>\n<rss><channel><title>Nexy ж</title></channel></rss>\n"

  @Test("the trailer is Sparkle's, byte for byte, right behind the feed")
  func form() throws {
    let key = try SignatureVector.all[0].privateKey()
    let bytes = Array(Self.feed.utf8)
    let signed = String(decoding: try SignedFeed.signing(bytes, with: key), as: UTF8.self)
    let text = try #require(SignedFeed(Array(signed.utf8)).signatureText)
    #expect(
      signed == "\(Self.feed)<!-- sparkle-signatures:\nedSignature: \(text)\nlength: \(bytes.count)\n-->\n")
    let signature = try #require(ArtifactSignature(base64: text))
    #expect(key.publicKey.isValid(signature, for: bytes))
    #expect(SignedFeed(Array(signed.utf8)).content == bytes)
    #expect(SignedFeed(Array(signed.utf8)).verdict(key.publicKey) == .valid)
  }

  @Test("a feed that is signed again has one trailer, and its content stays", arguments: ["", "\n", " \r\n\t"])
  func replaced(tail: String) throws {
    let (old, new) = (SparklePrivateKey.generate(), SparklePrivateKey.generate())
    let once = try SignedFeed.signing(Array(Self.feed.utf8), with: old) + Array(tail.utf8)
    let twice = try SignedFeed.signing(once, with: new)
    #expect(SignedFeed(twice).content == Array(Self.feed.utf8))
    #expect(SignedFeed(twice).verdict(new.publicKey) == .valid)
    guard case .invalid = SignedFeed(twice).verdict(old.publicKey) else { Issue.record("the old key"); return }
  }

  @Test("a feed with something behind a trailer is not cut off, but refused")
  func notCut() throws {
    let bytes = Array("<rss><!-- sparkle-signatures:\nx\n--><channel/></rss>".utf8)
    let error = #expect(throws: NexyError.self) { try SignedFeed.signing(bytes, with: .generate()) }
    #expect(error?.code == .feedNotSigned)
  }

  @Test(
    "an empty feed and one that holds half a marker are signed as they are",
    arguments: [
      "", "<!-- sparkle-signatures: -->", "<!-- sparkle-signatures:\n and no end", "-->\n",
    ])
  func odd(text: String) throws {
    let key = SparklePrivateKey.generate()
    #expect(SignedFeed(Array(text.utf8)).verdict(key.publicKey) == .unsigned)
    let signed = try SignedFeed.signing(Array(text.utf8), with: key)
    #expect(SignedFeed(signed).content == Array(text.utf8))
    #expect(SignedFeed(signed).verdict(key.publicKey) == .valid)
  }

  @Test("any flipped bit is noticed: no feed but the signed one is valid")
  func flips() throws {
    let key = SparklePrivateKey.generate()
    let signed = try SignedFeed.signing(Array(Self.feed.utf8), with: key)
    let publicKey = key.publicKey
    for index in signed.indices {
      var wrong = signed
      wrong[index] ^= UInt8(1 << (index % 8))
      let verdict = SignedFeed(wrong).verdict(publicKey)
      #expect(verdict != .valid)
      if index < Self.feed.utf8.count, case .altered = verdict { Issue.record("byte \(index) is signed") }
      #expect(SignedFeed(Array(signed[..<index])).verdict(publicKey) != .valid)
    }
  }

  private static let parsed: [(trailer: String, signature: String?)] = [
    ("<!-- sparkle-signatures:\nedSignature: A\nlength: 1\n-->\n", "A"),
    ("<!-- sparkle-signatures:\nlength: 1\nedSignature:A\n-->", "A"),
    ("<!-- sparkle-signatures:\r\nedSignature: A\r\n-->", nil),
    ("<!-- sparkle-signatures:\nedSignature: \t A \r\n-->", "A"),
    ("<!-- sparkle-signatures:\nedSignature: A\nedSignature: B\n-->", "B"), ("<!-- sparkle-signatures:\n-->", nil),
    ("<!-- sparkle-signatures:\n edSignature: A\n-->", nil), ("<!-- sparkle-signatures:\nEdSignature: A\n-->", nil),
    ("<!-- sparkle-signatures:\nedSignature: A-->\nedSignature: B\n-->", "A"),
    ("<!-- sparkle-signatures:\nedSignature: A\n-->\n<!-- sparkle-signatures:\nedSignature: B\n-->\n", "B"),
    ("<!-- sparkle-signatures:\nedSignature: A\n--><!-- sparkle-signatures:\nedSignature: B\n", nil),
    ("<!--sparkle-signatures:\nedSignature: A\n-->", nil),
  ]

  @Test("the trailer's lines are read as Sparkle reads them", arguments: parsed)
  func lines(trailer: String, signature: String?) {
    #expect(SignedFeed(Array((Self.feed + trailer).utf8)).signatureText == signature)
  }

  @Test("a trailer that Sparkle takes and nobody wrote is told from a right one")
  func altered() throws {
    let key = SparklePrivateKey.generate()
    let signed = String(decoding: try SignedFeed.signing(Array(Self.feed.utf8), with: key), as: UTF8.self)
    let length = Self.feed.utf8.count
    for changed in [
      signed.replacing("length: \(length)", with: "length: 7"), signed.replacing("\nlength: \(length)", with: ""),
      signed + "<rss/>", String(signed.dropLast()), signed.replacing("length", with: "Length"),
    ] {
      guard case .altered = SignedFeed(Array(changed.utf8)).verdict(key.publicKey) else {
        Issue.record("\(changed.suffix(60))")
        continue
      }
    }
  }

  @Test(
    "a trailer whose signature is none is invalid with the reason",
    arguments: [
      ("", "no signature"), ("edSignature: !!\n", "no signature"), ("edSignature: AAAA\n", "64 bytes"),
      ("edSignature: \(String(repeating: "A", count: 86))==\nlength: 3\n", "bytes before it"),
      ("edSignature: \(String(repeating: "A", count: 86))==\nlength: 6\n", "are not those"),
    ])
  func invalid(lines: String, word: String) {
    let feed = SignedFeed(Array("<rss/>\(("<!-- sparkle-signatures:\n" + lines) + "-->\n")".utf8))
    guard case .invalid(let reason) = feed.verdict(SparklePrivateKey.generate().publicKey) else {
      Issue.record("it is taken")
      return
    }
    #expect(reason.contains(word))
  }
}
