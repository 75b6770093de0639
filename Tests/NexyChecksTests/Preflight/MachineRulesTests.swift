import Testing

@testable import NexyChecks

@Suite("The rules for the machine")
struct MachineRulesTests {
  static let spaces: [(space: DiskSpace?, verdict: CheckResult.Verdict)] = [
    (DiskSpace(bytes: 2 << 30, files: 10_000), .passed),
    (DiskSpace(bytes: 2 << 30, files: nil), .passed),
    (DiskSpace(bytes: (2 << 30) - 1, files: 10_000), .failed),
    (DiskSpace(bytes: 2 << 30, files: 9999), .failed),
    (DiskSpace(bytes: 2 << 30, files: 0), .failed),
    (DiskSpace(bytes: 0, files: 10_000), .failed),
    (DiskSpace(bytes: 1 << 40, files: 1 << 40, isReadOnly: true), .failed),
    (nil, .failed),
  ]

  @Test("room, by bytes and by files", arguments: spaces)
  func disk(_ row: (space: DiskSpace?, verdict: CheckResult.Verdict)) {
    #expect(DiskNeed.updates("/srv").sight(of: row.space).verdict == row.verdict)
  }

  @Test("the log needs room for all its files at their largest")
  func log() { #expect(DiskNeed.log("/x", files: 60 << 20).bytes == 124 << 20) }

  @Test("a folder that is not there yet is on its parent's disk")
  func missing() throws {
    let root = try #require(DiskSpace.of("/"))
    #expect(try #require(DiskSpace.of("/no such folder/at all")).bytes > 0)
    #expect(root.bytes > 0)
    #expect(DiskSpace.of("no such folder") != nil)
  }

  static let limits: [(text: String?, verdict: CheckResult.Verdict)] = [
    (
      "Limit  Soft Limit  Hard Limit  Units\nMax open files            2048                 524288               files",
      .passed
    ),
    ("Max open files            1024                 524288               files", .failed),
    ("Max open files            unlimited            unlimited            files", .passed),
    ("Max processes             1024                 524288               files", .failed),
    ("Max open files", .failed), ("Max open files x y", .failed), ("", .failed), (nil, .failed),
  ]

  @Test("open files, by the limit in force", arguments: limits)
  func files(_ row: (text: String?, verdict: CheckResult.Verdict)) {
    #expect(OpenFiles.sight(limits: row.text, of: "it").verdict == row.verdict)
  }

  @Test("a listener is found by its port and its state")
  func listeners() {
    let table = """
        sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
         0: 0100007F:C383 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0
         1: 0100007F:C383 0100007F:A000 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 100 0 0 10 0
         2: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0 100 0 0 10 0
        short
      """
    #expect(ListeningProcess.listeners(table, port: 50051) == ["4711"])
    #expect(ListeningProcess.listeners(table, port: 8080) == ["4713"])
    #expect(ListeningProcess.listeners(table, port: 1) == [])
  }

  static let clocks: [(header: String?, verdict: CheckResult.Verdict)] = [
    ("Sat, 21 Nov 2026 12:00:00 GMT", .passed), ("Sat, 21 Nov 2026 12:00:05 GMT", .passed),
    ("Sat, 21 Nov 2026 11:59:55 GMT", .passed), ("Sat, 21 Nov 2026 12:00:07 GMT", .failed),
    ("Sat, 21 Nov 2026 11:59:53 GMT", .failed), ("Thu, 01 Jan 1970 00:00:00 GMT", .failed), ("yesterday", .failed),
    (nil, .failed),
  ]

  @Test("clocks, by the Date of an answer", arguments: clocks)
  func clock(_ row: (header: String?, verdict: CheckResult.Verdict)) {
    // 2026-11-21T12:00:00.5Z
    #expect(ClockRule.sight(header: row.header, now: 1_795_262_400.5).verdict == row.verdict)
  }

  @Test("this machine is known by loopback and by its interfaces")
  func here() {
    for host in ["127.0.0.1", "127.8.8.8", "localhost", "LOCALHOST", "::1"] { #expect(ThisMachine.is(host), "\(host)") }
    for host in ["127.example.org", "example.org", "192.0.2.1", "2001:db8::1"] {
      #expect(!ThisMachine.is(host), "\(host)")
    }
  }

  static let approvals: [(wanted: String?, kept: String?, verdict: CheckResult.Verdict)] = [
    (nil, nil, .skipped), ("aa", nil, .passed), ("AA", nil, .passed), ("bb", nil, .failed), (nil, "aa", .passed),
    (nil, "bb", .failed), ("aa", "bb", .passed), ("bb", "aa", .failed),
  ]

  @Test("a checksum is compared with what was given, else with the baseline, else with nothing", arguments: approvals)
  func sums(_ row: (wanted: String?, kept: String?, verdict: CheckResult.Verdict)) {
    let sight = Checksums.compare("aa", told: "aa of it", wanted: row.wanted, kept: row.kept, option: "--x")
    #expect(sight.verdict == row.verdict)
    #expect(sight.observed.contains("aa of it"))
  }

  @Test("changed settings are named, and added and removed ones")
  func changes() {
    let kept = ["a": "1", "b": "2", "c": "3"]
    let sight = Checksums.configuration(["a", "b", "d"], ["a": "1", "b": "x", "d": "4"], wanted: nil, kept: kept)
    #expect(sight.verdict == .failed)
    #expect(sight.observed == "changed since the baseline: b, c, d")
    #expect(Checksums.configuration(["a"], ["a": "1"], wanted: nil, kept: ["a": "1"]).verdict == .passed)
    #expect(Checksums.configuration([], [:], wanted: nil, kept: [:]).verdict == .skipped)
    #expect(Checksums.configuration([], [:], wanted: nil, kept: ["a": "1"]).verdict == .failed)
  }

  @Test("the sum of settings is what sha256sum prints of its own lines")
  func summary() {
    // printf 'aa  config.env\nbb  config/nexy.yaml\n' | sha256sum
    #expect(
      Checksums.summary(["config.env", "config/nexy.yaml"], ["config.env": "aa", "config/nexy.yaml": "bb"])
        == "69fa88bf54d569b8fae4d807ad09e2203c6697f308406227549530d2ee91d75f")
  }

  static let configurations: [(PreflightSettings.Configuration, [CheckResult.Verdict])] = [
    (.init(), [.passed, .passed, .passed]),
    (.init(warnings: ["odd"]), [.passed, .passed, .passed]),
    (.init(problem: "GRPC_PORT is wrong"), [.failed, .skipped, .skipped]),
    (.init(placeholders: ["GEMINI_API_KEY"]), [.passed, .failed, .passed]),
    (.init(programs: [("espeak-ng", nil)]), [.passed, .passed, .failed]),
    (.init(programs: [("espeak-ng", "/usr/bin/espeak-ng")]), [.passed, .passed, .passed]),
  ]

  @Test("settings that cannot be read, placeholders and missing programs", arguments: configurations)
  func configuration(_ row: (PreflightSettings.Configuration, [CheckResult.Verdict])) {
    let sights = [ConfigurationPoints.loads, ConfigurationPoints.placeholders, ConfigurationPoints.programs]
    #expect(sights.map { $0(row.0).verdict } == row.1)
  }
}
