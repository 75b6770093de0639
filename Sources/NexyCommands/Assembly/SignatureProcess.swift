import Foundation
import NexyCore
import NexyRelease
import NexyUpdates
import Subprocess
import SystemPackage

/// Signs a release's files in a process of its own, and checks their signatures there: Ed25519 reads a file as a whole, and a release
/// of any size is published with the memory of a few pieces.
struct SignatureProcess: Sendable {
  private static let limit = Duration.seconds(300)
  private static let longest = 64 << 10

  let keyFile: String?
  let publicKey: String?

  var signatures: ReleaseSignatures {
    ReleaseSignatures(
      sign: { path in
        guard let keyFile else { return nil }
        return try await sign(path, keyFile)
      },
      isValid: { path, signature in
        guard let publicKey else { return nil }
        guard let isValid = await SignatureCheck(path: path, signature: signature, publicKey: publicKey).run() else {
          throw NexyError(.releaseUnsound, "The signature of \(path) could not be checked. Run the command again.")
        }
        return isValid
      })
  }

  private func sign(_ path: String, _ keyFile: String) async throws -> String {
    guard let program = Bundle.main.executablePath else {
      throw NexyError(.signingKeyUnusable, "This program does not know where it is. Run it by its path.")
    }
    let signature = try await within(Self.limit) {
      let result = try await Subprocess.run(
        .path(FilePath(program)), arguments: ["updates", "sign", path, "--key", keyFile],
        output: .string(limit: Self.longest), error: .string(limit: Self.longest))
      guard case .exited(0) = result.terminationStatus else {
        let reason = result.standardError.trimmed
        throw NexyError(.signingKeyUnusable, reason.isEmpty ? "\(path) could not be signed." : reason)
      }
      return result.standardOutput.trimmed
    }
    guard let signature else {
      throw NexyError(.signingKeyUnusable, "Signing \(path) took more than \(Self.limit.components.seconds) s.")
    }
    return signature
  }
}
