import ArgumentParser
import NexyCore
import NexyUpdates

/// `nexy updates sign`: signs an artifact, or a feed.
struct UpdatesSign: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign", abstract: "Signs an artifact, or a feed, with the private key.",
    discussion: """
      For an artifact the signature is printed (base64 of 64 bytes, Sparkle's edSignature). A feed gets a trailer, as Sparkle 2.9 \
      reads it, and the signed feed is written back to its file, or to --out.

      Exit status: 0 done, 1 the key or the file cannot be used, 2 wrong usage.
      """)

  @Argument(help: "The file to be updated to: a dmg, pkg or zip.") var artifact: String?
  @Option(help: "A feed to sign in place of an artifact.") var feed: String?
  @Option(help: "The file of the private key, with mode 0600; - reads it from standard input.") var key: String
  @Option(help: "Where the signed feed is written; its own file by default, - is standard output.") var out: String?

  func validate() throws {
    guard (artifact == nil) != (feed == nil) else { throw ValidationError("Give an artifact, or --feed and a feed.") }
    guard out == nil || feed != nil else { throw ValidationError("--out is for a feed; a signature is printed.") }
  }

  func run() throws {
    let key = try UpdateInput.privateKey(key)
    if let artifact {
      Terminal.print(try ArtifactSignature.signing(artifact, with: key).base64)
    } else if let feed {
      let signed = try SignedFeed.signing(UpdateInput.bytes(feed), with: key)
      let place = out ?? feed
      if place == "-" { return Terminal.show(String(decoding: signed, as: UTF8.self)) }
      try AtomicFile.write(signed, to: place)
      Terminal.print("Signed: \(place)")
    }
  }
}
