import NexyCore
import NexyRelease

/// What GitHub knows the operator by: the setting, else what `gh` was told at `gh auth login`.
actor GitHubToken {
  private static let longest = 4096
  private static let limit = Duration.seconds(20)

  private var known: String?

  init(configured: String?) { known = configured }

  /// - Throws: `NexyError` with code `storeRefused` when nobody knows one.
  func value() async throws -> String {
    if let known { return known }
    let token = try await Self.asked()
    guard let token, !token.isEmpty else {
      throw NexyError(
        .storeRefused, "There is no token for GitHub. Set GITHUB_TOKEN, or sign in with `gh auth login`.")
    }
    known = token
    return token
  }

  private static func asked() async throws -> String? {
    let result = try await InstalledPrograms().run(
      "gh", ["auth", "token"], outputLimit: longest, timeLimit: limit)
    guard case .ended(let output, 0) = result else { return nil }
    return String(decoding: output, as: UTF8.self).trimmed
  }
}
