import Foundation
import NexyCore
import Subprocess
import SystemPackage

/// Checks a signature in a process of its own.
///
/// Ed25519 reads its message as a whole, so the file is mapped, and who shortens a mapped file in place ends the process that
/// maps it: that must not be the one that turns run in.
struct SignatureCheck {
  private static let limit = Duration.seconds(120)

  let path: String
  let signature: String
  let publicKey: String

  var arguments: [String] {
    ["updates", "verify", "--artifact", path, "--signature", signature, "--public-key", publicKey, "--json"]
  }

  /// - Returns: nil when it could not be found out.
  func run() async -> Bool? {
    guard let program = Bundle.main.executablePath else { return nil }
    let result = try? await within(Self.limit) {
      try await Subprocess.run(
        .path(FilePath(program)), arguments: Arguments(arguments), output: .string(limit: 4096), error: .discarded)
    }
    switch result?.terminationStatus {
    case .exited(0): return true
    // Only a verdict is printed, and no error.
    case .exited(1) where result?.standardOutput.contains("artifact-signature") == true: return false
    default: return nil
    }
  }
}
