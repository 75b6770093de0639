import NexyCore
import Testing

@Suite("What would be masked can be told by place and rule")
struct RedactionSightingTests {
  private static let samples: [(text: String, kind: Redaction.Sighting.Kind, secret: String)] = [
    ("use sk_live_0123456789ab now", .key, "sk_live_0123456789ab"),
    ("Authorization sent: Bearer abcdef0123456", .bearer, "abcdef0123456"),
    ("postgres://nexy:hunter2@db/x", .credentials, "nexy:hunter2"),
    ("ключ password=hunter2", .assigned, "hunter2"),
    ("api key abcdefghij0123456789", .named, "abcdefghij0123456789"),
  ]

  @Test("the place is that of the secret, in bytes", arguments: samples)
  func place(text: String, kind: Redaction.Sighting.Kind, secret: String) {
    let sightings = Redaction.sightings(in: text)
    #expect(sightings.map(\.kind) == [kind])
    #expect(sightings.map { String(decoding: Array(text.utf8)[$0.range], as: UTF8.self) } == [secret])
  }

  @Test("what is not masked is not told", arguments: ["", "The API key is now optional.", "token of thanks"])
  func none(text: String) { #expect(Redaction.sightings(in: text).isEmpty) }
}
