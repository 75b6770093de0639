import NexyTestSupport
import Testing

@testable import NexyUpdates

/// Requests that nobody in their senses sends, the same ones for the same seed.
struct RequestFuzz {
  private var random: SplitMix64
  private let names: [String]
  private let tag: String

  init(seed: UInt64, names: [String], tag: String) {
    random = SplitMix64(seed: seed)
    self.names = names
    self.tag = tag
  }

  mutating func next() -> (path: String, fields: [String: String], method: String) {
    var fields: [String: String] = [:]
    if chance(60) { fields["Range"] = range() }
    if chance(20) { fields["If-Range"] = chance(50) ? tags() : date() }
    if chance(15) { fields["If-Match"] = tags() }
    if chance(15) { fields["If-None-Match"] = tags() }
    if chance(10) { fields["If-Modified-Since"] = date() }
    if chance(10) { fields["If-Unmodified-Since"] = date() }
    return ("/downloads/" + name(), fields, chance(20) ? "HEAD" : "GET")
  }

  private mutating func name() -> String {
    if chance(60) { return pick(names) }
    if chance(50) { return pick(DownloadResponderTests.escapes) }
    let parts = ["..", "%2e", "%2f", "/", "Nexy", ".dmg", "%00", "%", "%5c", "secret.txt", "%c0%af", ";", "%25", "a"]
    return (0..<Int.random(in: 1...8, using: &random)).map { _ in pick(parts) }.joined()
  }

  private mutating func range() -> String {
    if chance(25) {
      let parts = ["bytes", "=", "-", ",", " ", "0", "9", "99999999999999999999", "x", "+", "\t", "items", "*", "/"]
      return (0..<Int.random(in: 0...9, using: &random)).map { _ in pick(parts) }.joined()
    }
    let (first, last) = (number(), number())
    return "bytes=" + pick(["\(first)-\(last)", "\(first)-", "-\(last)", "\(first)-\(last),\(last)-", "-", "\(first)"])
  }

  private mutating func tags() -> String {
    pick([
      tag, "W/" + tag, "*", "\"x\"", "\"x\", \(tag)", "x", "", "\"", "\"\"", "W/", ",,,", "\"a,b\" , W/\(tag)",
      tag + "x",
    ])
  }

  private mutating func date() -> String {
    chance(30)
      ? pick(["", "now", "Sun, 99 Nov 1994 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"])
      : HTTPDate.text(TemporaryFolder.modified + Int64.random(in: -2...2, using: &random))
  }

  private mutating func number() -> String {
    chance(10)
      ? pick(["9223372036854775807", "18446744073709551616", "00000000000000000000000000007"])
      : String(Int.random(in: 0...2400, using: &random))
  }

  private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
  private mutating func pick(_ choices: [String]) -> String { choices.randomElement(using: &random) ?? "" }
}

@Suite("Strange requests for downloads", .timeLimit(.minutes(1)))
struct DownloadFuzzTests {
  @Test(
    "Every answer has an allowed status, the length it says, and bytes of the file that was named",
    arguments: [UInt64(1), 2, 3, 4])
  func survives(_ seed: UInt64) async throws {
    let (folder, outside, _) = try DownloadFolderTests.everyKind()
    let bytes = try folder.write("Nexy.dmg", noise(2000))
    try folder.write("empty.txt", [])
    try await DownloadServer.run(folder, .init(chunkBytes: 700, hashes: true)) { server in
      while let name = await server.checksums.next(), name != "Nexy.dmg" {}
      let tag = "\"\(sha256(bytes))\""
      try await RawConnection.open(server.port) { connection in
        var fuzz = RequestFuzz(seed: seed, names: ["Nexy.dmg", "Nexy%2edmg", "empty.txt"], tag: tag)
        for _ in 0..<1250 {
          let (path, fields, method) = fuzz.next()
          // One connection for all: a body that is a byte too long or too short would be read as the next answer.
          let response = try await connection.get(path, fields, method: method)
          var request: Comment { "\(method) \(path) \(fields)" }
          #expect([200, 206, 304, 404, 412, 416].contains(response.status), request)
          guard method == "GET" else { continue }
          #expect(!response.text.contains("secret") || path.contains("hard"), request)
          switch response.status {
          case 200 where !response.body.isEmpty && path.contains("Nexy"): #expect(response.body == bytes, request)
          case 206: #expect(response.body == part(response, of: bytes), request)
          case 416: #expect(response.fields["content-range"]?.hasPrefix("bytes */") == true, request)
          default: break
          }
        }
      }
      while server.responder.active > 0 { await Task.yield() }
    }
    await folder.waitUntilClosed()
    withExtendedLifetime(outside) {}
  }

  /// The bytes that `Content-Range` names.
  private func part(_ response: RawResponse, of bytes: [UInt8]) -> [UInt8]? {
    let words = response.fields["content-range"]?.split { " -/".contains($0) } ?? []
    guard words.count == 4, let first = Int(words[1]), let last = Int(words[2]), words[3] == "\(bytes.count)",
      first <= last, last < bytes.count
    else { return nil }
    return Array(bytes[first...last])
  }
}
