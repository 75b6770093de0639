import NexyUpdates
import Testing

@Suite struct FeedSimulationTests {
  private typealias Samples = FeedSamples

  private func verdict(_ items: [String], _ change: (inout FeedClient) -> Void = { _ in }) throws -> FeedVerdict {
    var client = FeedClient(build: "2.0.0.1", systemVersion: "14.5.0", time: Samples.date + 10)
    change(&client)
    return FeedSimulation.verdict(of: try Samples.feed(items), for: client)
  }

  @Test func `the newest item wins wherever it stands, and of equal ones the first`() throws {
    let verdict = try verdict([
      Samples.item(build: "2.0.0.5"), Samples.item(build: "2.0.0.6"), Samples.item(build: "2.0.0.6.0"),
      Samples.item(build: "2.0.0.1"), Samples.item(build: "1.9"),
    ])
    #expect(verdict.offer?.item == 2)
    #expect(
      verdict.refusals.map(\.reason) == [
        "Item 1, version 2.0.0.5, is not offered: item 2 is newer.",
        "Item 3, version 2.0.0.6.0, is not offered: item 2 has the same version and stands before it.",
        "Item 4, version 2.0.0.1, is not offered: it equals the client's build 2.0.0.1.",
        "Item 5, version 1.9, is not offered: it is older than the client's build 2.0.0.1.",
      ])
  }

  /// One item that one thing keeps from the client: what the item says, and the reason.
  @Test(arguments: [
    ("<sparkle:channel>beta</sparkle:channel>", "it is on channel beta, which this client does not read"),
    ("<sparkle:maximumSystemVersion>14.4.9</sparkle:maximumSystemVersion>", "it is for macOS up to 14.4.9"),
    ("<sparkle:minimumUpdateVersion>2.0.0.2</sparkle:minimumUpdateVersion>", "it updates builds from 2.0.0.2 on only"),
    ("<sparkle:hardwareRequirements>x, ARM64</sparkle:hardwareRequirements>", "it needs Apple silicon"),
    (
      "<sparkle:phasedRolloutInterval>100</sparkle:phasedRolloutInterval>",
      "group 2 of its phased rollout waits for 190 more seconds"
    ),
  ])
  func `an item is kept back for a reason`(barrier: (elements: String, reason: String)) throws {
    let verdict = try verdict([Samples.item(build: "2.0.0.5", barrier.elements)]) {
      $0.architecture = .x86
      $0.group = 2
    }
    #expect(verdict.offer == nil)
    #expect(
      verdict.refusals.map(\.reason) == ["Item 1, version 2.0.0.5, is not offered: \(barrier.reason)."])
  }

  /// The same, and the bound is inclusive or the name means nothing.
  @Test(arguments: [
    "<sparkle:channel></sparkle:channel>", "<sparkle:channel>be ta</sparkle:channel>",
    "<sparkle:channel> nightly </sparkle:channel>",
    "<sparkle:maximumSystemVersion>14.5</sparkle:maximumSystemVersion>",
    "<sparkle:minimumUpdateVersion>2.0.0.1</sparkle:minimumUpdateVersion>",
    "<sparkle:minimumUpdateVersion></sparkle:minimumUpdateVersion>",
    "<sparkle:hardwareRequirements>x86_64</sparkle:hardwareRequirements>",
    "<sparkle:phasedRolloutInterval>5</sparkle:phasedRolloutInterval>",
    "<sparkle:phasedRolloutInterval>often</sparkle:phasedRolloutInterval>",
    "<sparkle:phasedRolloutInterval>-9999999999999999999</sparkle:phasedRolloutInterval>",
    "<sparkle:phasedRolloutInterval>100</sparkle:phasedRolloutInterval><sparkle:criticalUpdate/>",
  ])
  func `an item is offered all the same`(elements: String) throws {
    let verdict = try verdict([Samples.item(build: "2.0.0.5", elements)]) {
      $0.architecture = .x86
      $0.channels = ["nightly"]
      $0.group = 2
    }
    #expect(verdict.offer?.item == 1, "\(verdict.lines)")
  }

  @Test(arguments: [("14.5.0", true), ("14.5.1", false), ("14.5", true), ("15.0.0", false), ("", true)])
  func `the minimum system is inclusive`(bound: (system: String, isOffered: Bool)) throws {
    let item = Samples.item { $0.minimumSystem = bound.system }
    #expect(try verdict([item]).offer.map(\.item) == (bound.isOffered ? 1 : nil))
  }

  @Test func `macOS 27 needs Apple silicon`() throws {
    let item = Samples.item { $0.minimumSystem = "27.0.0" }
    #expect(try verdict([item]) { $0.systemVersion = "27.0.0" }.offer?.item == 1)
    let intel = try verdict([item]) {
      $0.systemVersion = "27.0.0"
      $0.architecture = .x86
    }
    #expect(intel.refusals.first?.reason.hasSuffix("it needs Apple silicon.") == true)
  }

  @Test(arguments: 0...6)
  func `each group waits its turn`(group: Int) throws {
    let item = Samples.item(
      build: "2.0.0.5", "<sparkle:phasedRolloutInterval>3600</sparkle:phasedRolloutInterval>")
    let turn = Samples.date + Int64(group) * 3600
    let early = try verdict([item]) { ($0.group, $0.time) = (group, turn - 1) }
    // Group 0 waits as well for a date that is still to come.
    #expect(early.offer == nil && early.refusals.first?.readyAt == turn)
    #expect(try verdict([item]) { ($0.group, $0.time) = (group, turn) }.offer?.item == 1)
    let manual = try verdict([item]) { ($0.group, $0.time, $0.isManualCheck) = (group, turn - 1, true) }
    #expect(manual.offer?.item == 1)
  }

  @Test func `a date that cannot be read holds nobody back`() throws {
    let item = Samples.item {
      $0.date = "yesterday"
      $0.elements = "<sparkle:phasedRolloutInterval>3600</sparkle:phasedRolloutInterval>"
    }
    #expect(try verdict([item]) { $0.group = 6 }.offer?.item == 1)
  }

  @Test func `a minor update comes before a newer major upgrade`() throws {
    let major = Samples.item(
      build: "3.0", "<sparkle:minimumAutoupdateVersion>2.9</sparkle:minimumAutoupdateVersion>")
    let both = try verdict([major, Samples.item(build: "2.5")])
    #expect(both.offer?.item == 2 && both.offer?.isMajorUpgrade == false)
    #expect(
      both.refusals.first?.reason
        == "Item 1, version 3.0, is not offered: it is a major upgrade for builds below 2.9, "
        + "and item 2 comes first as a minor one.")
    let alone = try verdict([major, Samples.item(build: "2.0.0.1")])
    #expect(alone.offer?.item == 1 && alone.offer?.isMajorUpgrade == true)
    let near = try verdict([major]) { $0.build = "2.9" }
    #expect(near.offer?.isMajorUpgrade == false)
  }

  @Test(arguments: [
    ("<sparkle:criticalUpdate/>", true), ("<sparkle:criticalUpdate sparkle:version='2.0.0.2'/>", true),
    ("<sparkle:criticalUpdate sparkle:version='2.0.0.1'/>", false),
    ("<sparkle:tags><sparkle:criticalUpdate/></sparkle:tags>", true), ("", false),
  ])
  func `critical is for builds below`(critical: (elements: String, isCritical: Bool)) throws {
    #expect(try verdict([Samples.item(build: "3", critical.elements)]).offer?.isCritical == critical.isCritical)
  }

  @Test(arguments: [
    ("<link>https://a.b</link><sparkle:informationalUpdate/>", true), ("<sparkle:informationalUpdate/>", false),
    ("<link>ftp://a.b</link><sparkle:informationalUpdate/>", false),
    (information("<sparkle:version>2.0.0.1</sparkle:version>"), true),
    (information("<sparkle:version>2.0.0.1.0</sparkle:version>"), false),
    (information("<sparkle:belowVersion>2.0.0.2</sparkle:belowVersion>"), true),
    (information("<sparkle:belowVersion>2.0.0.1</sparkle:belowVersion>"), false),
    // Under another prefix the builds are not seen, so every build is meant.
    (information("<s:version xmlns:s='\(Feed.sparkleNamespace)'>9</s:version>"), true),
  ])
  func `what only informs`(case: (elements: String, isInformational: Bool)) throws {
    let verdict = try verdict([Samples.item(build: "3", `case`.elements)])
    #expect(verdict.offer?.isInformational == `case`.isInformational)
  }

  private static func information(_ children: String) -> String {
    "<link>https://a.b</link><sparkle:informationalUpdate>\(children)</sparkle:informationalUpdate>"
  }

  @Test func `an item without an enclosure only informs`() throws {
    let item = Samples.item {
      $0.hasEnclosure = false
      $0.elements = "<link>https://a.b</link>"
    }
    let offer = try verdict([item]).offer
    #expect(offer?.isInformational == true && offer?.address == nil)
  }

  @Test func `a delta is for the exact build`() throws {
    let item = Samples.item(
      build: "3",
      "<sparkle:deltas><enclosure url='https://a.b/1' sparkle:deltaFrom='2.0.0.1'/></sparkle:deltas>")
    #expect(try verdict([item]).offer?.delta == "https://a.b/1")
    #expect(try verdict([item]) { $0.build = "2.0.0.1.0" }.offer?.delta == nil)
  }

  @Test func `what is for another system and a delta among the items are passed over`() throws {
    let verdict = try verdict([
      Samples.item { $0.moreAttributes = "sparkle:os='windows'" },
      Samples.item { $0.moreAttributes = "sparkle:deltaFrom='1'" }, Samples.item(build: "2.0.0.2"),
    ])
    #expect(verdict.offer?.item == 3 && verdict.refusals.count == 2)
  }

  /// Each makes Sparkle reject the whole feed.
  @Test(arguments: [
    Samples.item { ($0.version, $0.hasEnclosure) = (nil, true) }, Samples.item { $0.hasEnclosure = false },
    Samples.item { $0.attributes = "length='1'" }, Samples.item { $0.url = "file:///a.dmg" },
    Samples.item { $0.moreAttributes = "sparkle:installationType='guess'" },
  ])
  func `one unreadable item rejects the whole feed`(item: String) throws {
    let verdict = try verdict([Samples.item(build: "3"), item])
    #expect(verdict.offer == nil)
    #expect(verdict.refusals.map(\.item) == [1, 2])
    #expect(verdict.refusals[0].reason.hasSuffix("Sparkle rejects the whole feed because of item 2."))
  }

  @Test func `a version is taken from the file's name only when the feed is unsigned`() throws {
    let item = Samples.item {
      $0.version = nil
      $0.url = "https://a.b/Nexy_2.0.0.7.dmg"
    }
    #expect(try verdict([item]).offer?.version == "2.0.0.7")
    let signed = try FeedReader().feed(from: Array(Samples.signed(Samples.document([item])).utf8))
    let client = FeedClient(build: "1", systemVersion: "14.0.0", time: 0, isManualCheck: true)
    #expect(FeedSimulation.verdict(of: signed, for: client).offer == nil)
  }

  @Test func `what a feed says cannot steer a terminal`() throws {
    let version = "2.0\u{202E}\u{9B}31m\u{7F}" + String(repeating: "x", count: 500)
    for item in [
      Samples.item(build: version), Samples.item(build: version, "<sparkle:channel>\(version)</sparkle:channel>"),
    ] {
      let feed = try Samples.feed([item])
      let client = FeedClient(build: "1", systemVersion: "14.0.0", time: .max)
      let texts = FeedSimulation.verdict(of: feed, for: client).lines + FeedLint.findings(in: feed).map(\.description)
      for text in texts {
        #expect(
          text.count < 400 && !text.unicodeScalars.contains { "\u{202E}\u{9B}\u{7F}\n".unicodeScalars.contains($0) })
      }
    }
  }

  @Test func `the verdict reads as sentences`() throws {
    let feed = try FeedReader().feed(from: Array(Samples.perfect.utf8))
    let client = FeedClient(build: "2.0.0.14", systemVersion: "15.0.0", group: 0, time: Samples.date)
    #expect(
      FeedSimulation.verdict(of: feed, for: client).lines == [
        "Sparkle offers item 1, version 2.0.0.15, as an update, by a delta.",
        "Item 2, version 2.0.0.16, is not offered: it is on channel beta, which this client does not read.",
        "Item 3, version 2.0.0.9, is not offered: it is older than the client's build 2.0.0.14.",
        "The released client updates to version 2.0.0.15, build 2.0.0.15, from a .dmg; "
          + "the download must have 289406976 bytes exactly.",
      ])
  }
}
