import ArgumentParser
import NexyConfig
import NexyCore
import NexyUpdates

/// `nexy updates verify`: whether artifact, manifest and feed belong together.
struct UpdatesVerify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Checks an artifact, its manifest and its feed together.",
    discussion: """
      Give what there is: the more is given, the more is checked. With a public key, an artifact that is not signed by it is refused; a feed may be \
      unsigned.

      Exit status: 0 all agree, 1 something does not, 2 wrong usage.
      """)

  @Option(help: "The dmg, pkg or zip.") var artifact: String?
  @Option(help: "Its manifest; - is standard input.") var manifest: String?
  @Option(help: "Its feed; - is standard input.") var feed: String?
  @Option(help: "A signature of the artifact, where no manifest is given.") var signature: String?
  @Option(help: "The public key, base64 of 32 bytes; UPDATE_PUBLIC_KEY by default.") var publicKey: String?
  @Flag(help: "Print a JSON array instead of lines.") var json = false
  @OptionGroup var rules: UpdateRules

  func validate() throws {
    guard artifact != nil || manifest != nil || feed != nil else {
      throw ValidationError("Give --artifact, --manifest or --feed, best all three.")
    }
    guard signature == nil || (artifact != nil && manifest == nil) else {
      throw ValidationError("--signature is of an --artifact without a --manifest; a manifest holds its own.")
    }
  }

  func run() async throws {
    let key = try (publicKey ?? rules.flags.load().updates.publicKey).map(SparklePublicKey.init(base64:))
    var findings: [Finding] = []
    let described = try manifest.map { try UpdateInput.manifest($0, rules: rules.rules()) }
    if let artifact {
      if let described {
        findings += try await ReleaseVerification.verify(artifactPath: artifact, manifest: described, publicKey: key)
      } else {
        findings += try Self.check(signature, of: artifact, by: key)
      }
    }
    if let feed {
      findings += FeedVerification.verify(try UpdateInput.bytes(feed), manifest: described, publicKey: key)
    }
    try FindingReport.end(findings, json: json, good: "All agree.")
  }

  private static func check(_ text: String?, of artifact: String, by key: SparklePublicKey?) throws -> [Finding] {
    guard let text, let key else {
      throw ValidationError("An artifact alone is checked with --signature and --public-key, else with --manifest.")
    }
    if let signature = ArtifactSignature(base64: text), try signature.isValid(for: artifact, by: key) { return [] }
    return [
      Finding(
        .rejected, "artifact-signature", at: "artifact", "The signature is not one of this file by this key.",
        remedy: "Sign the file that is published, with the key whose public half the clients have.")
    ]
  }
}
