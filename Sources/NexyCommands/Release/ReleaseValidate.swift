import ArgumentParser
import Foundation
import NexyConfig
import NexyCore
import NexyRelease
import NexyUpdates

/// `nexy release validate`: whether what was published is what clients get.
struct ReleaseValidate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate", abstract: "Checks a beta on the staging runtime, before it goes on to everybody.",
    discussion: """
      Asks the staging runtime (RELEASE_STAGING_URL) and its update server (RELEASE_BETA_UPDATES_URL) for their health, reads both \
      feeds as clients do, downloads what the beta feed names, and keeps a receipt of what it saw in RELEASE_STATE_DIR. \
      `nexy release promote` wants a good one of exactly these bytes that is not older than RELEASE_RECEIPT_HOURS. A failed validation \
      takes the place of an older good one.

      Exit status: 0 all checks passed, 1 one failed or nothing is published, 2 wrong usage, 3 somebody else holds the lock.
      """)

  @Option(help: "beta; stable gets only what was validated there.") var channel: Channel
  @Flag(help: "Check everything and keep no receipt.") var dryRun = false
  @Flag(help: "Print the receipt as one JSON object.") var json = false
  @OptionGroup var flags: SettingsFlags

  func validate() throws {
    guard channel == .beta else {
      throw ValidationError("Only beta is validated: publish there first, validate, then promote to stable.")
    }
  }

  func run() async throws {
    try await ReleaseFailure.told { try await check() }
  }

  private func check() async throws {
    let settings = try flags.load()
    if !dryRun {
      let say: @Sendable (String) -> Void = { [json] in
        json ? Terminal.error($0.printable) : Terminal.print($0.printable)
      }
      try await ReleaseAssembly(settings: settings, say: say).withRoom { room, _ in
        try await Funnel(room, settlingFor: "nexy release validate").settle()
      }
    }
    let rules = UpdateAssembly.rules(settings)
    guard let manifest = try Self.manifest(of: channel, settings, rules) else {
      throw NexyError(
        .nothingPublished,
        "Nothing is published to \(channel.rawValue). Run `nexy release publish --channel beta` first.")
    }
    let files = try ReleaseMembers.files(of: manifest)
    let stable = try Self.manifest(of: .stable, settings, rules)
    let key = try settings.updates.publicKey.map(SparklePublicKey.init(base64:))
    if key == nil { Terminal.error("note: UPDATE_PUBLIC_KEY is not set, so no signature is checked.") }
    let receipt = try await withHTTPWeb { [channel] web in
      try await ReleaseValidation(
        channel: channel, manifest: manifest, files: files, stable: stable, healthURL: settings.release.stagingURL,
        updatesURL: settings.release.beta.updatesURL, publicKey: key, web: web,
        scratch: FileManager.default.temporaryDirectory.path
      ).receipt()
    }
    if !json { show(receipt) }
    try await keep(receipt, of: manifest, in: ReceiptFolder(state: settings.release.stateFolder))
    for check in receipt.checks {
      guard let remedy = check.remedy else { continue }
      let stop = check.observed.hasSuffix(".") ? "" : "."
      Terminal.error("ERROR: \(check.name): \(check.observed)\(stop) \(remedy)".printable)
    }
    if json { try Terminal.json(receipt) }
    if !receipt.passed { throw ExitCode.failure }
  }

  private func show(_ receipt: ValidationReceipt) {
    let rows = receipt.checks.map { check in
      [
        check.passed ? "ok" : "FAIL", check.name, Self.cell(check.expected), Self.cell(check.observed),
        "\(check.milliseconds)",
      ]
    }
    let table = TextTable(headings: [" ", "check ", "expected ", "observed ", "ms"], rows: rows)
    for line in ["Validation of \(receipt.version) (\(receipt.build))"] + table.lines { say(line) }
  }

  /// As much as a column takes; what failed is told as a whole on standard error.
  private static func cell(_ text: String) -> String {
    let text = text.printable
    return text.count <= 60 ? text : text.prefix(59) + "…"
  }

  private func keep(_ receipt: ValidationReceipt, of manifest: Manifest, in folder: ReceiptFolder) async throws {
    let verdict = receipt.passed ? "passed" : "FAILED"
    if dryRun {
      if !json { say("Validation \(verdict); receipt not written: \(folder.path(of: manifest, on: channel))") }
      return
    }
    let path = try await folder.keep(receipt, of: manifest, on: channel)
    if !json { say("Validation \(verdict); receipt: \(path)") }
  }

  private func say(_ line: String) { Terminal.print(dryRun ? "[dry-run] \(line)" : line) }

  /// nil where there is no file.
  private static func manifest(
    of channel: Channel, _ settings: Settings, _ rules: ManifestRules
  ) throws -> Manifest? {
    let path = "\(settings.updates.manifests)/\(channel.manifestName)"
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    return try UpdateInput.manifest(path, rules: rules)
  }
}

extension NexyError.Code {
  /// A channel has no release yet.
  static let nothingPublished = Self("nothing_published")
}
