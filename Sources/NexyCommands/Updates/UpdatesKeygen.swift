import ArgumentParser
import NexyUpdates

/// `nexy updates keygen`: a new key pair.
struct UpdatesKeygen: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keygen", abstract: "Makes a key pair: the private half in a new file, the public half on the screen.",
    discussion: """
      The private key is in the format of Sparkle's generate_keys -x; only you may read the file (0600). Keep it off every host \
      that serves updates. The public key goes into the client's SUPublicEDKey and into UPDATE_PUBLIC_KEY.

      Exit status: 0 done, 1 the file could not be written or is there already, 2 wrong usage.
      """)

  @Argument(help: "The file for the private key; one that is there is never overwritten.") var file: String

  func run() throws {
    let key = SparklePrivateKey.generate()
    try PrivateKeyFile.write(key, to: file)
    Terminal.error("The private key is in \(file), and only you may read it. The public key:")
    Terminal.print(key.publicKey.base64)
  }
}
