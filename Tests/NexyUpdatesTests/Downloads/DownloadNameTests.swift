import Testing

@testable import NexyUpdates

@Suite("Names of downloads")
struct DownloadNameTests {
  @Test(
    "A segment is decoded once",
    arguments: [
      ("Nexy.dmg", "Nexy.dmg"), ("Nexy%2Edmg", "Nexy.dmg"), ("Nexy%20Beta.dmg", "Nexy Beta.dmg"), ("a+b", "a+b"),
      ("%252e%252e", "%2e%2e"), ("..%2fkeys", "../keys"), ("%d0%af", "Я"), ("", ""),
    ])
  func decodes(_ segment: String, _ name: String) {
    #expect(DownloadName.decode(segment[...]).map { String(decoding: $0, as: UTF8.self) } == name)
  }

  @Test(
    "A broken escape is no name",
    arguments: ["%", "%2", "%zz", "a%2", "%%20", "%-1", String(repeating: "a", count: 256)])
  func refusesEscapes(_ segment: String) { #expect(DownloadName.decode(segment[...]) == nil) }

  @Test(
    "What is never served",
    arguments: [
      "", ".", "..", ".hidden", ".DS_Store", "../keys", "a/b", "a\u{0}b", "a\nb", "a\u{7F}", "Nexy.dmg.tmp",
      "Nexy.dmg.123.456.tmp", "Nexy.dmg.PART", "Nexy.dmg~", "Nexy.dmg.crdownload",
    ])
  func neverServes(_ name: String) { #expect(DownloadName.text(Array(name.utf8)) == nil) }

  @Test(
    "Bytes that are no UTF-8 are no name",
    arguments: [[0xC0, 0xAF], [0xFF], [0xE0, 0x80, 0xAF], [0x61, 0xED, 0xA0, 0x80]] as [[UInt8]])
  func refusesBytes(_ bytes: [UInt8]) { #expect(DownloadName.text(bytes) == nil) }

  @Test(
    "Names as people write them are served",
    arguments: ["Nexy.dmg", "Nexy 2.0 бета.dmg", "a\\b.zip", "100%.txt", "-rf"])
  func serves(_ name: String) { #expect(DownloadName.text(Array(name.utf8)) == name) }

  @Test(
    "The name to save under is told so that no character ends it",
    arguments: [
      ("Nexy.dmg", "attachment; filename=\"Nexy.dmg\""), ("Nexy 2.dmg", "attachment; filename=\"Nexy 2.dmg\""),
      ("a\"b.dmg", "attachment; filename=\"a\\\"b.dmg\"; filename*=UTF-8''a%22b.dmg"),
      ("a\\", "attachment; filename=\"a\\\\\"; filename*=UTF-8''a%5C"),
      ("100%41.txt", "attachment; filename=\"100_41.txt\"; filename*=UTF-8''100%2541.txt"),
      ("Я.dmg", "attachment; filename=\"_.dmg\"; filename*=UTF-8''%D0%AF.dmg"),
    ])
  func tellsName(_ name: String, _ field: String) { #expect(DownloadFields.disposition(name) == field) }

  @Test(
    "The type follows the name",
    arguments: [
      ("Nexy.dmg", "application/octet-stream"), ("Nexy.PKG", "application/octet-stream"),
      ("a.zip", "application/octet-stream"), ("a-b.delta", "application/octet-stream"),
      ("notes.md", "text/plain; charset=utf-8"), ("notes.HTML", "text/plain; charset=utf-8"),
      ("a.svg", "application/octet-stream"), ("a.json", "application/json"), ("a.xml", "application/xml"),
      ("README", "application/octet-stream"),
    ])
  func tellsType(_ name: String, _ type: String) { #expect(DownloadFields.contentType(name) == type) }
}
