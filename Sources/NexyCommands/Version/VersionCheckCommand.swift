import ArgumentParser
import NexyCore
import NexyRelease

/// `nexy version check`: whether every place says the same.
struct VersionCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Names every place that says another version than it should.",
    discussion: """
      Without a version, each axis is compared with its own first file of the table. A manifest may have an older release until the next one is \
      published, unless --published is given.

      Exit status: 0 all agree, 1 the check failed, 2 something drifted, or wrong usage.
      """)

  @Argument(help: "What every place should have; four numbers, such as 2.0.0.16.") var version: String?
  @Flag(help: "The manifests should have it, too.") var published = false
  @OptionGroup var options: VersionOptions

  func validate() throws { _ = try version.map(VersionOptions.version) }

  func run() throws {
    let writer = try options.writer()
    let expected = try version.map(VersionOptions.version)
    let check = VersionCheck(of: writer.survey(), axes: options.axes, expecting: expected, published: published)
    let unfinished = VersionReport.unfinished(writer)
    if options.json {
      try Terminal.json(VersionCheckDocument(check, unfinished: unfinished))
    } else {
      for line in VersionReport.lines(check, axes: options.axes, isOne: expected != nil) {
        Terminal.print(line.printable)
      }
    }
    if !check.drift.isEmpty { throw ExitCode(2) }
  }
}

/// A check as JSON.
private struct VersionCheckDocument: Encodable {
  let ok: Bool
  let expected: [String: String]
  let drift: [VersionDrift]
  let pending: [PendingRelease]
  let unfinished: String?

  init(_ check: VersionCheck, unfinished: String?) {
    ok = check.drift.isEmpty
    expected = Dictionary(uniqueKeysWithValues: check.expected.map { ($0.rawValue, $1) })
    drift = check.drift
    pending = check.pending
    self.unfinished = unfinished
  }
}
