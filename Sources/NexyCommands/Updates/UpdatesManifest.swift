import ArgumentParser
import NexyConfig
import NexyCore
import NexyUpdates

/// `nexy updates manifest`: the files that channels are served from.
struct UpdatesManifest: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manifest", abstract: "The files that channels are served from.",
    subcommands: [UpdatesManifestSet.self])
}

/// `nexy updates manifest set`: changes a channel's manifest, whole or not at all.
struct UpdatesManifestSet: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Changes a channel's manifest, or makes its first.",
    discussion: """
      What is not given stays as it is, keys that nobody here knows included. A signature is of one file's bytes: it goes when \
      address, size or checksum change and no new one is given. Stable writes manifest_<version>.json and then manifest.json, beta \
      writes manifest_beta.json; one writer at a time, under the lease manifests.lock.

      A lower build, other bytes under the same build and a jump in the version are refused; --override REASON allows them \
      and is recorded in manifest_history.jsonl, as every write is.

      Exit status: 0 written, 1 refused or not written, 2 wrong usage, 3 somebody else holds the lease.
      """)

  @Option(help: "stable or beta.") var channel: Channel
  @Option(help: "What people read: one to four numbers, such as 2.0.0.15.") var version: String?
  @Option(help: "What clients compare; the version by default.") var build: String?
  @Option(help: "Where the artifact is downloaded from; https.") var url: String?
  @Option(help: "Its bytes.") var size: Int64?
  @Option(help: "Its SHA-256, 64 hexadecimal digits.") var sha256: String?
  @Option(help: "Its Ed25519 signature, base64 of 64 bytes; an empty one takes it away.") var signature: String?
  @Option(help: "Where the release notes are; https.") var notesURL: String?
  @Option(help: "The oldest macOS that runs it, such as 11.0.") var minOS: String?
  @Option(help: "The machines it is for, such as universal2.") var arch: String?
  @Option(help: "true: clients must not put it off.") var critical: Bool?
  @Option(help: "Why a rollback or a jump is right this time.") var override: String?
  @Option(help: "The folder of manifests; the settings' by default.") var folder: String?
  @Flag(help: "Print the written manifest.") var json = false
  @OptionGroup var rules: UpdateRules

  func run() async throws {
    let folder = try folder ?? rules.flags.load().updates.manifests
    let change = ManifestChange(
      version: version, build: build, url: url, size: size, sha256: sha256, signature: signature, notesURL: notesURL,
      minimumSystem: minOS, architecture: arch, isCritical: critical)
    let outcome = try await ManifestWriter(folder: folder, owner: "nexy updates manifest set", rules: rules.rules())
      .apply(change, to: channel, overriding: override)
    for finding in outcome.overridden { Terminal.error("overridden: \(finding)".printable) }
    for finding in outcome.advice { Terminal.error("warning: \(finding)".printable) }
    if json { return Terminal.show(String(decoding: outcome.manifest.encoded(), as: UTF8.self)) }
    Terminal.print("manifest updated: \(outcome.manifest.version) (\(outcome.files.joined(separator: ", ")))")
  }
}
