import NexyCore
import Testing

@Suite("What looks like a secret is masked")
struct RedactionTests {
  @Test("what the predecessor masked is masked", arguments: RedactionExamples.known)
  func known(line: RedactionExamples.Line) { expectMasked(line) }

  @Test("what the predecessor missed is masked", arguments: RedactionExamples.missed)
  func missed(line: RedactionExamples.Line) { expectMasked(line) }

  @Test("a secret is masked to its end", arguments: RedactionExamples.whole)
  func whole(line: RedactionExamples.Line) { expectMasked(line) }

  @Test("a password in an address is masked, its host is not", arguments: RedactionExamples.addresses)
  func address(line: RedactionExamples.Line) {
    let masked = Redaction.masked(line.text)
    #expect(!masked.contains(":\(line.secret)@"))
    #expect(masked.hasSuffix(line.after))
    #expect(masked.contains(Redaction.mask))
  }

  @Test("what stands around a secret stays", arguments: RedactionExamples.known + RedactionExamples.missed)
  func surroundings(line: RedactionExamples.Line) {
    #expect(Redaction.masked(line.text).hasSuffix(line.after))
  }

  @Test("what is no secret is left as it is", arguments: RedactionExamples.plain)
  func plain(text: String) { #expect(Redaction.masked(text) == text) }

  @Test("a masked text is not masked again", arguments: RedactionExamples.known + RedactionExamples.missed)
  func settles(line: RedactionExamples.Line) {
    let once = Redaction.masked(line.text)
    #expect(Redaction.masked(once) == once)
  }

  @Test("every secret of a line is masked")
  func several() {
    let text = "password=hunter2 and token=abcdefghij0123456789, then whsec_0123456789abcdef"
    #expect(Redaction.masked(text) == "password=**** and token=****, then ****")
  }

  @Test("a secret's name is known in any spelling", arguments: RedactionExamples.secretNames)
  func secretName(name: String) { #expect(Redaction.isSecret(name: name)) }

  @Test("a name that holds a secret's word is a secret's name", arguments: RedactionExamples.longerSecretNames)
  func longerSecretName(name: String) { #expect(Redaction.isSecret(name: name)) }

  @Test("any other name is none", arguments: RedactionExamples.plainNames)
  func plainName(name: String) { #expect(!Redaction.isSecret(name: name)) }

  private func expectMasked(_ line: RedactionExamples.Line) {
    let masked = Redaction.masked(line.text)
    #expect(!masked.contains(line.secret))
    for part in line.secret.split(whereSeparator: { " ,}+/".contains($0) }) where part.count > 2 {
      #expect(!masked.contains(part), "\(masked) still shows \(part)")
    }
    #expect(masked.contains(Redaction.mask))
  }
}
