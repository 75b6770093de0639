import ArgumentParser
import NexyUpdates

/// `nexy updates lint`: what clients would reject, ignore or misread.
struct UpdatesLint: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint", abstract: "Tells everything in a feed or manifest that clients reject, ignore or misread.",
    discussion: """
      Each line has the effect, the rule, the place, what is wrong and what to do. What begins with { or [ is taken for a manifest, \
      all else for a feed.

      Exit status: 0 nothing, or only what clients ignore; 1 something is rejected or misread; 2 wrong usage.
      """)

  @Argument(help: "A feed or a manifest; - is standard input.") var file: String
  @Flag(help: "Print a JSON array instead of lines.") var json = false
  @OptionGroup var rules: UpdateRules

  func run() throws {
    let bytes = try UpdateInput.bytes(file)
    let first = bytes.first { !" \t\r\n\u{FEFF}".utf8.contains($0) }
    let isManifest = first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    let findings =
      isManifest ? Manifest.reading(bytes, rules: try rules.rules()).findings : FeedLint.findings(in: bytes)
    try FindingReport.end(
      findings, json: json,
      good: "Nothing to tell: every client reads this \(isManifest ? "manifest" : "feed") as it is meant.")
  }
}
