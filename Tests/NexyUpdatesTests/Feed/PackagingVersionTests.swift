import NexyCore
import NexyTestSupport
import NexyUpdates
import Testing

/// The vectors were checked against Python's `packaging` 26.2.
@Suite struct PackagingVersionTests {
  /// Each below the next group; those of one group are equal.
  private static let ascending = [
    ["1.0.dev", "1.0-dev"], ["1.0.dev0+x"], ["1.0dev3"], ["1.0a-"], ["1.0a.post1", "1.0a--1"], ["1.0a1.dev2"],
    ["1.0a1", "1.0.alpha-1", "1.0a.1"], ["1.0b"], ["1.0beta2"], ["1.0-beta.3"], ["1.0rc1", "1.0c1", "1.0pre1"],
    ["1.0preview2"], ["1.0", "1.0.0", "v1.0", " 1.0 "], ["1.0+a-b_c"], ["1.0+abc"], ["1.0+abc.5"], ["1.0+5"],
    ["1.0.post"], ["1.0.post1.dev2"], ["1.0-1"], ["1.0post2", "1.0_post_2"], ["1.0rev3"], ["1.0-r4"], ["00001.002"],
    ["2.0.0-beta.3"], ["V2"], ["2.0.0.54"], ["99999999999999999999999"], ["1!0.1"],
  ]

  @Test func `it orders as packaging orders`() throws {
    let versions = try Self.ascending.enumerated().flatMap { rank, group in
      try group.map { (rank, $0, try #require(PackagingVersion($0), "\($0)")) }
    }
    for (rank, text, version) in versions {
      for (otherRank, otherText, other) in versions {
        #expect((version < other) == (rank < otherRank), "\(text) < \(otherText)")
        #expect((version == other) == (rank == otherRank), "\(text) == \(otherText)")
      }
    }
  }

  @Test(arguments: [
    "", "abc", "1.", "1..0", ".1", "-1", "1.0 (5)", "1.0x", "1.0+", "1.0+a+b", "1.0 beta", "1.0-", "1!",
    "1.0-335d3e2", "١.٠", "1.0be", "1,0", "1.0a1b1", "build 5", "1.0\u{0}", "1.0~rc1", "1.0.post1.post2", "1.0dev1a1",
  ])
  func `what packaging refuses is refused`(text: String) {
    #expect(PackagingVersion(text) == nil)
  }

  @Test func `it agrees with a release version on what both can read`() {
    var random = SplitMix64(seed: 4)
    func numbers() -> String {
      (0..<Int.random(in: 1...4, using: &random)).map { _ in "\(Int.random(in: 0...2, using: &random))" }
        .joined(separator: ".")
    }
    for _ in 0..<5000 {
      let (one, two) = (numbers(), numbers())
      guard let first = ReleaseVersion(one), let second = ReleaseVersion(two), let parsed = PackagingVersion(one),
        let other = PackagingVersion(two), (parsed < other) == (first < second), (parsed == other) == (first == second)
      else {
        Issue.record("\(one) and \(two)")
        return
      }
    }
  }

  @Test func `any string is either read or refused`() {
    var random = SplitMix64(seed: 5)
    let characters = Array("01.-_+!avrcbpostde é")
    for _ in 0..<6000 {
      let text = String(
        (0..<Int.random(in: 0...9, using: &random)).compactMap { _ in characters.randomElement(using: &random) })
      let version = PackagingVersion(text)
      if version != PackagingVersion(text) || version.map({ $0 < $0 }) == true { Issue.record("\(text)") }
    }
  }
}
