import Foundation
import Testing

@testable import NexyObservability

@Suite("The process's own figures are the kernel's")
struct ProcessFiguresTests {
  /// Fields 3 to 22 of proc(5): user time 250, system time 50, start 1000.
  private static let fields = "S 1 1 1 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 4 0 1000 999 88"

  private func parsed(stat: String, memory: String = "900 25 3 1 0 8 0", boot: String = "cpu 1\nbtime 5000\n")
    -> ProcessFigures?
  {
    ProcessFigures(stat: stat, memory: memory, boot: boot, openFiles: 7, ticksPerSecond: 100, pageBytes: 4096)
  }

  private static let names = ["nexy", "a b", ") 1 2 (", "((", "x) S 9 9"]

  @Test("they are read whatever the program is called", arguments: names)
  func read(name: String) throws {
    let figures = try #require(parsed(stat: "42 (\(name)) \(Self.fields)\n"))
    #expect(figures.residentBytes == 25 * 4096)
    #expect(figures.openFiles == 7)
    #expect(figures.cpuSeconds == 3)
    #expect(figures.startSeconds == 5010)
  }

  @Test("a file of another shape gives none")
  func shape() {
    #expect(parsed(stat: "") == nil)
    #expect(parsed(stat: "42 (nexy) S 1 1") == nil)
    #expect(parsed(stat: "42 (nexy) \(Self.fields)", memory: "900") == nil)
    #expect(parsed(stat: "42 (nexy) \(Self.fields)", boot: "cpu 1\n") == nil)
  }

  #if os(Linux)
  @Test("this process has more than a megabyte, has used the processor and started lately")
  func live() throws {
    let figures = try #require(ProcessFigures.read())
    #expect(figures.residentBytes > 1_000_000)
    #expect(figures.cpuSeconds > 0)
    #expect(abs(figures.startSeconds - Date.now.timeIntervalSince1970) < 24 * 3600)
  }

  @Test("a file that is opened is one more, and one less once closed")
  func openFiles() async {
    // In a process of its own, where no other test opens files.
    await #expect(processExitsWith: .success) {
      var counts: [Int?] = []
      // The test's own harness may open and close files meanwhile, at its start above all.
      for _ in 0..<1000 {
        let before = ProcessFigures.read()?.openFiles
        let file = try #require(FileHandle(forReadingAtPath: "/dev/null"))
        let during = ProcessFigures.read()?.openFiles
        try file.close()
        counts = [before, during, ProcessFigures.read()?.openFiles]
        if let before, counts == [before, before + 1, before] { return }
      }
      Issue.record("The counts before, during and after are \(counts)")
    }
  }
  #endif
}
