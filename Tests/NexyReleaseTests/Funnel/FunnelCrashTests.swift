import Foundation
import NexyCore
import NexyRelease
import NexyUpdates
import Testing

/// Every operation of store and web is a place to die at, before it is done and after; the whole list is tried.
@Suite("A release that was cut short")
struct FunnelCrashTests {
  enum Act: String, CaseIterable {
    case publish
    case promote
    case rollback
  }

  /// Ready for the act: 2.0.0.16 is everybody's, and 2.0.0.17 is next.
  private func stage(for act: Act) async throws -> FunnelStage {
    let stage = try FunnelStage()
    try stage.fill("2.0.0.16")
    try await stage.publish()
    try await stage.promote()
    try stage.fill("2.0.0.17")
    if act != .publish { try await stage.publish() }
    if act == .rollback { try await stage.promote() }
    return stage
  }

  private func perform(_ act: Act, _ stage: FunnelStage) async throws {
    switch act {
    case .publish: try await stage.publish()
    case .promote: try await stage.promote()
    case .rollback: try await stage.rollback(.stable, to: "2.0.0.16")
    }
  }

  private func channel(_ act: Act) -> Channel { act == .publish ? .beta : .stable }
  private func versions(_ act: Act) -> (before: String, after: String) {
    act == .rollback ? ("2.0.0.17", "2.0.0.16") : ("2.0.0.16", "2.0.0.17")
  }

  @Test("is finished by the same command, and what clients see agrees at every moment", arguments: Act.allCases)
  func finished(act: Act) async throws {
    let ready = try await stage(for: act)
    var cuts = 0
    while true {
      let stage = try ready.copy()
      stage.fuse.set(cuts + 1)
      let wasCut: Bool
      do {
        try await perform(act, stage)
        wasCut = false
      } catch is Fuse.Broken { wasCut = true }
      stage.fuse.set(nil)
      for channel in Channel.allCases { #expect(try await stage.disagreement(channel) == nil, "cut \(cuts)") }
      #expect([versions(act).before, versions(act).after].contains(try stage.version(channel(act))), "cut \(cuts)")
      if wasCut { try await perform(act, stage) }
      #expect(try stage.version(channel(act)) == versions(act).after, "cut \(cuts)")
      for channel in Channel.allCases { #expect(try await stage.disagreement(channel) == nil, "cut \(cuts)") }
      #expect(!FileManager.default.fileExists(atPath: stage.options.journalPath))
      let tag = act == .publish ? "UpdateBeta" : "Update"
      #expect(try await stage.shelf(tag).filter { $0.hasPrefix("incoming-") || $0.hasPrefix("outgoing-") } == [])
      guard wasCut else { break }
      cuts += 1
    }
    #expect(cuts > 20, "every operation was a place to die at")
  }

  @Test("is undone or finished by the next command, whatever that is", arguments: Act.allCases)
  func settled(act: Act) async throws {
    let ready = try await stage(for: act)
    var cuts = 0
    while true {
      let stage = try ready.copy()
      stage.fuse.set(cuts + 1)
      do {
        try await perform(act, stage)
        break
      } catch is Fuse.Broken {}
      stage.fuse.set(nil)
      try stage.fill("2.0.0.18")
      try await stage.publish()
      #expect(try stage.version(.beta) == "2.0.0.18", "cut \(cuts)")
      for channel in Channel.allCases { #expect(try await stage.disagreement(channel) == nil, "cut \(cuts)") }
      let told = stage.lines.all
      #expect(told.contains { $0.hasPrefix("Undoing") || $0.hasPrefix("Resuming") }, "cut \(cuts)")
      cuts += 1
    }
    #expect(cuts > 20)
  }
}
