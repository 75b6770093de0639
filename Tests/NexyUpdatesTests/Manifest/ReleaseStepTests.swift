import NexyCore
import NexyUpdates
import Testing

@Suite("Which release may follow which")
struct ReleaseStepTests {
  private static let steps: [(from: String?, to: String, rules: Set<String>)] = [
    ("2.0.0.5", "2.0.0.6", []), ("2.0.0.5", "2.0.1", []), ("2.0.0.5", "2.1", []), ("2.9.9.9", "3.0", []),
    ("2.0.0.5", "2.0.0.1005", []), ("2.0.0.5", "3.1000.1000.1005", []), ("2.0.0.900", "2.0.1.0", []),
    ("2.0.0.5", "2.0.0.4", ["step-rollback"]), ("2.0.0.5", "1.999", ["step-rollback"]),
    ("2.0.0.5", "2.0", ["step-rollback"]), ("2.0.0.5", "2.0.0.5", ["step-same-build"]),
    ("2.0", "2.0.0.0", ["step-same-build"]),
    ("2.0.0.5", "999999999", ["step-jump"]), ("2.0.0.5", "4.0", ["step-jump"]),
    ("2.0.0.5", "2.0.0.1006", ["step-jump"]),
    ("2.0.0.5", "2.1001", ["step-jump"]), ("2.0.0.5", "3.0.0.20260305", ["step-jump"]),
    (nil, "2.0.0.5", []), (nil, "1000.1000", []), (nil, "1001", ["step-jump"]), (nil, "20260305", ["step-jump"]),
  ]

  @Test("a step is judged by version and build", arguments: steps)
  func step(from: String?, to: String, rules: Set<String>) throws {
    let standing = try from.map { try ManifestStage.next($0, digit: "1") }
    let refusals = ReleaseStep.refusals(from: standing, to: try ManifestStage.next(to, digit: "2"))
    #expect(Set(refusals.map(\.rule)) == rules)
    #expect(refusals.allSatisfy { $0.effect == .rejected && !$0.remedy.isEmpty })
  }

  @Test("the same build with the same bytes may change its other words")
  func sameBytes() throws {
    let next = try ManifestStage.manifest(["notes_url": "https://example.org/", "critical": true])
    #expect(ReleaseStep.refusals(from: try ManifestStage.manifest(), to: next).isEmpty)
  }

  @Test("the same build with another size is other bytes")
  func otherSize() throws {
    let next = try ManifestStage.manifest(["artifact.size": 1])
    #expect(ReleaseStep.refusals(from: try ManifestStage.manifest(), to: next).map(\.rule) == ["step-same-build"])
  }

  @Test("the same bytes under another build would be offered again for ever")
  func sameBytesOtherBuild() throws {
    let standing = try ManifestStage.manifest()
    let signed = try ManifestStage.manifest(["version": "2.0.0.6", "build": "2.0.0.6"])
    #expect(ReleaseStep.refusals(from: standing, to: signed).map(\.rule) == ["step-same-bytes"])
    let unsigned = try ManifestStage.manifest(["version": "2.0.0.6", "build": "2.0.0.6", "artifact.ed25519": ""])
    let rules = ReleaseStep.refusals(from: standing, to: unsigned, namesArtifact: false).map(\.rule)
    #expect(rules == ["step-same-bytes"])
    #expect(ReleaseStep.refusals(from: standing, to: unsigned).isEmpty)
  }

  @Test("a version that falls while its build rises is a slip")
  func fallingVersion() throws {
    let next = try ManifestStage.manifest([
      "version": "2.0.0.4", "build": "2.0.0.6", "artifact.sha256": .string(String(repeating: "1", count: 64)),
    ])
    #expect(ReleaseStep.refusals(from: try ManifestStage.manifest(), to: next).map(\.rule) == ["step-version"])
  }
}
