import NexyCore
import NexyRelease
import Subprocess

/// What GitHub knows the operator by: the setting, else what `gh` was told at `gh auth login`.
actor GitHubToken {
  private static let longest = 4096
  private static let limit = Duration.seconds(20)

  private var known: String?

  init(configured: String?) { known = configured }

  /// - Throws: `NexyError` with code `storeRefused` when nobody knows one.
  func value() async throws -> String {
    if let known { return known }
    let token = await Self.asked()
    guard let token, !token.isEmpty else {
      throw NexyError(
        .storeRefused, "There is no token for GitHub. Set GITHUB_TOKEN, or sign in with `gh auth login`.")
    }
    known = token
    return token
  }

  private static func asked() async -> String? {
    await withTaskGroup(of: String?.self) { group in
      group.addTask {
        let result = try? await Subprocess.run(
          .name("gh"), arguments: ["auth", "token"], output: .string(limit: longest), error: .discarded)
        guard case .exited(0) = result?.terminationStatus else { return nil }
        return result?.standardOutput.trimmed
      }
      group.addTask {
        try? await Task.sleep(for: limit)
        return nil
      }
      defer { group.cancelAll() }
      return await group.next() ?? nil
    }
  }
}
