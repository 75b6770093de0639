import NexyCore
import NexyTestSupport
import NexyUpdates
import Testing

/// The vectors are the facts of Sparkle's own tests (`Tests/SUVersionComparisonTest.m`).
@Suite struct SparkleVersionTests {
  @Test(arguments: [
    ("1.0", "1.1"), ("1.1", "2.0"), ("0.0.1", "0.1"), ("0.1", "0.1.2"),
    ("1.5.5-335d3e2", "1.5.6-b252311"),
    ("1.5.5", "1.5.6a1"), ("1.1.0b1", "1.1.0b2"), ("1.1.1b2", "1.1.2b1"), ("1.1.1b2", "1.1.2a1"),
    ("1.0a1", "1.0b1"), ("1.0b1", "1.0"), ("0.9", "1.0a1"), ("1.0b", "1.0b2"), ("1.0b10", "1.0b11"),
    ("1.0b9", "1.0b10"), ("1.0rc", "1.0"), ("1.0b", "1.0"), ("1.0pre1", "1.0"),
    ("1.0 (1234)", "1.0 (1235)"), ("1.0b1 (1234)", "1.0 (1234)"), ("1.0b5 (1234)", "1.0b5 (1235)"),
    ("1.0b5 (1234)", "1.0.1b5 (1234)"), ("1.0.1b5 (1234)", "1.0.1b6 (1234)"), ("2.0.0.2429", "2.0.0.2430"),
    ("1.1.1.1818", "2.0.0.2430"), ("3.3 (5847)", "3.3.1b1 (5902)"), ("201210251627", "201211051041"),
  ])
  func `sparkle's ascending pairs`(pair: (String, String)) {
    #expect(SparkleVersion.compare(pair.0, to: pair.1) == .older)
    #expect(SparkleVersion.compare(pair.1, to: pair.0) == .newer)
  }

  @Test(arguments: [
    ("1.0", "1.0"), ("1.0", "1.0.0"), ("1.5.5-335d3e2", "1.5.5-a655360"), ("1.5-335d3e2", "1.5.0-335d3e2"),
    ("1.0pre1", "1.0.0pre1"), ("3.3 (5847)", "3.3.0 (5847)"), ("1.1.1.1818", "1.1.1.1818.0"),
    ("3.3b1 (5902)", "3.3.0b1 (5902)"), ("201210251627.0", "201210251627"),
    // Not in Sparkle's tests, but in its documentation: what follows a dash is ignored.
    ("2.0.0-beta.3", "2.0.0"), ("2.0.0-beta.3", "2.0.0-rc.1"), ("01.002", "1.2"), ("", "0.0"), ("1,0", "1 0"),
  ])
  func `sparkle's equal pairs`(pair: (String, String)) {
    #expect(SparkleVersion.compare(pair.0, to: pair.1) == .same)
    #expect(SparkleVersion.compare(pair.1, to: pair.0) == .same)
  }

  @Test(arguments: [
    // Sparkle stops counting at 9223372036854775807 and would call the first pair equal.
    ("9223372036854775808", "9223372036854775809"),
    (String(repeating: "9", count: 5000), "1" + String(repeating: "0", count: 5000)),
    ("b", ""), ("1.0\u{2028}", "1.0.1"), ("\u{1F600}", "0"), ("1.\u{1D7D9}", "1.0"), ("1.\u{0661}", "1.1"),
    ("-1", " 1"), ("é1", "1"),
  ])
  func `hostile pairs have one answer`(pair: (String, String)) {
    #expect(SparkleVersion.compare(pair.0, to: pair.1) == .older)
    #expect(SparkleVersion.compare(pair.1, to: pair.0) == .newer)
  }

  @Test func `any two strings have opposite answers both ways round`() {
    var random = SplitMix64(seed: 1)
    for _ in 0..<6000 {
      let one = Self.anything(&random)
      let two = Self.anything(&random)
      let there = SparkleVersion.compare(one, to: two)
      let back = SparkleVersion.compare(two, to: one)
      if there != Self.opposite(back) { Issue.record("\(one.debugDescription) and \(two.debugDescription)") }
      if SparkleVersion.compare(one, to: one) != .same { Issue.record("\(one.debugDescription) and itself") }
    }
  }

  @Test func `the order of what publishers write is transitive`() {
    var random = SplitMix64(seed: 2)
    for _ in 0..<6000 {
      let versions = (0..<3).map { _ in SparkleVersion(Self.usual(&random)) }
      let (one, two, three) = (versions[0], versions[1], versions[2])
      guard one.compare(to: two) != .newer, two.compare(to: three) != .newer else { continue }
      let isStrict = one.compare(to: two) == .older || two.compare(to: three) == .older
      if one.compare(to: three) != (isStrict ? .older : .same) {
        Issue.record("\(one.text), \(two.text), \(three.text)")
      }
    }
  }

  @Test func `it agrees with a release version on what both can read`() {
    var random = SplitMix64(seed: 3)
    for _ in 0..<6000 {
      let one = Self.numbers(&random, count: 1...4)
      let two = Self.numbers(&random, count: 1...4)
      guard let first = ReleaseVersion(one), let second = ReleaseVersion(two) else {
        Issue.record("\(one) or \(two) is no release version")
        return
      }
      let expected: VersionOrder = first == second ? .same : first < second ? .older : .newer
      if SparkleVersion.compare(one, to: two) != expected { Issue.record("\(one) and \(two)") }
    }
  }

  private static func opposite(_ order: VersionOrder) -> VersionOrder {
    switch order {
    case .older: .newer
    case .same: .same
    case .newer: .older
    }
  }

  private static func anything(_ random: inout SplitMix64) -> String {
    let characters = Array("0012.-.ab _(é٣\u{1D7D9}\u{0}\u{0301}").map(String.init)
    return (0..<Int.random(in: 0...7, using: &random)).map { _ in characters.randomElement(using: &random) ?? "" }
      .joined()
  }

  private static func numbers(_ random: inout SplitMix64, count: ClosedRange<Int>) -> String {
    (0..<Int.random(in: count, using: &random))
      .map { _ in Bool.random(using: &random) ? "\(Int.random(in: 0...2, using: &random))" : "0001" }
      .joined(separator: ".")
  }

  /// Numbers parted by single dots, then perhaps a word and a number, a build in brackets, or a dash and anything.
  private static func usual(_ random: inout SplitMix64) -> String {
    let ends = ["", "", "b", "b1", "a2", "rc", "rc10", " (7)", "b1 (8)", "-b", "-1.0", " beta", "."]
    return numbers(&random, count: 1...5) + (ends.randomElement(using: &random) ?? "")
  }
}
