import Foundation
import Testing

@testable import NexyChecks

@Suite("The runbook")
struct RunbookTests {
  @Test("has every section that a failure names", arguments: RunbookSection.allCases)
  func section(_ section: RunbookSection) throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/runbook.md")
    let text = try String(contentsOf: path.standardized, encoding: .utf8)
    let anchors = text.split(separator: "\n").filter { $0.hasPrefix("## ") }.map { heading in
      heading.dropFirst(3).lowercased().filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" }
        .replacing(" ", with: "-")
    }
    #expect(anchors.contains(section.rawValue))
  }
}
