import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NexyCore
import NexyUpdates

/// Shelves that are releases of a repository on GitHub, each found by its tag; their files are the release's assets.
///
/// Requests go out one after the other, as GitHub asks.
package struct GitHubStore: ReleaseStore {
  /// A release has at most 1000 assets
  /// (https://docs.github.com/en/repositories/releasing-projects-on-github/about-releases).
  private static let mostPages = 20
  private static let pageSize = 100

  let api: GitHubAPI
  private let web: String

  /// - Parameters:
  ///   - repository: `owner/name`.
  ///   - api: Such as `https://api.github.com`.
  ///   - web: Where downloads are, such as `https://github.com`.
  ///   - client: Set as `HTTPClient.Configuration.release` sets it.
  ///   - token: Asked for at every request.
  ///   - silence: How long a transfer may make no progress.
  ///   - clock: What `silence` is measured by.
  /// - Throws: `NexyError` with code `storeRefused` for a repository or an address that is none.
  package init(
    repository: String, api: String, web: String, client: HTTPClient,
    token: @escaping @Sendable () async throws -> String, patience: GitHubPatience,
    silence: Duration = .seconds(60), clock: any Clock<Duration> = SharedClock()
  ) throws {
    let parts = repository.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ GitHubName.isPlain($0) }) else {
      throw NexyError(.storeRefused, "\"\(repository)\" is no repository. Set RELEASE_REPOSITORY to owner/name.")
    }
    guard let base = WebAddress(Self.withoutSlash(api)) else {
      throw NexyError(
        .storeRefused, "RELEASE_GITHUB_API is no https address, and no http address of this machine. Correct it.")
    }
    self.api = GitHubAPI(
      base: base, repository: repository, client: client, token: token, patience: patience, silence: silence,
      clock: clock)
    self.web = Self.withoutSlash(web)
  }

  package var name: String { "github \(api.repository)" }

  package func assets(of tag: String) async throws -> [StoreAsset] {
    try await list(release(tag)).filter(\.isWhole).map { $0.stored(tag: tag) }
  }

  package func address(tag: String, name: String) -> String {
    let path = [tag, name].map { $0.addingPercentEncoding(withAllowedCharacters: .unreserved) ?? $0 }
    return "\(web)/\(api.repository)/releases/download/\(path[0])/\(path[1])"
  }

  package func delete(_ asset: StoreAsset) async throws {
    try await delete(identifier: asset.identifier, name: asset.name)
  }

  // MARK: - What the other parts ask for

  /// - Throws: `NexyError` with code `tagMissing`.
  func release(_ tag: String) async throws -> GitHubRelease {
    guard let path = tag.addingPercentEncoding(withAllowedCharacters: .unreserved), !tag.isEmpty, tag.first != "."
    else { throw StoreRefusal.badName(tag, "it is no tag of a release.") }
    guard let answer = try await api.get("/releases/tags/\(path)", to: "show the release of \(tag)") else {
      throw api.tagMissing(
        tag, "\(api.repository) has no published release of the tag \(tag), or the token may not see it.")
    }
    return try answer.decode()
  }

  /// Every asset, also the leftovers of failed uploads; the release itself does not tell of those.
  func list(_ release: GitHubRelease) async throws -> [GitHubAsset] {
    var all: [GitHubAsset] = []
    for page in 1...Self.mostPages {
      let path = "/releases/\(release.id)/assets?per_page=\(Self.pageSize)&page=\(page)"
      guard let answer = try await api.get(path, to: "list the files of \(release.tagName)") else {
        throw api.tagMissing(release.tagName, "The release of \(release.tagName) went away meanwhile.")
      }
      let assets: [GitHubAsset] = try answer.decode()
      all += assets
      let link = answer.headers.first(name: "link")
      guard link?.contains("rel=\"next\"") ?? (assets.count == Self.pageSize) else { return all }
    }
    throw NexyError(
      .storeRefused, "The release of \(release.tagName) lists more files than any has. Check RELEASE_GITHUB_API.")
  }

  /// Gives an asset another name; it is not cut short by a cancelled task.
  /// - Returns: nil when the asset is gone.
  func rename(_ identifier: String, to name: String) async throws -> GitHubAsset? {
    // Names are plain, so that nothing is to be escaped.
    let (answer, verdict) = try await api.send(
      GitHubAPI.Call(
        method: .PATCH, path: "/releases/assets/\(identifier)", json: "{\"name\":\"\(name)\"}", isShielded: true))
    switch verdict {
    case .success: return try answer.decode()
    case .missing: return nil
    default: throw api.refusal(answer, verdict, to: "rename a file to \(name)")
    }
  }

  func delete(identifier: String, name: String) async throws {
    let (answer, verdict) = try await api.send(
      GitHubAPI.Call(method: .DELETE, path: "/releases/assets/\(identifier)"))
    switch verdict {
    case .success, .missing: return
    default: throw api.refusal(answer, verdict, to: "delete \(name)")
    }
  }

  private static func withoutSlash(_ url: String) -> String {
    var url = url
    while url.hasSuffix("/") { url.removeLast() }
    return url
  }
}

/// Names that GitHub leaves as they are: it puts dots for other characters, and takes dots away at both ends
/// (https://docs.github.com/en/rest/releases/assets#upload-a-release-asset).
enum GitHubName {
  private static let longest = 200

  static func isPlain(_ name: some StringProtocol) -> Bool {
    (1...longest).contains(name.utf8.count) && name.first != "." && name.last != "."
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }

  /// - Throws: `NexyError` with code `storeRefused`.
  static func check(_ name: String) throws {
    guard isPlain(name) else {
      throw StoreRefusal.badName(
        name,
        "GitHub would change it. Use at most \(longest) letters, digits, dots, dashes and underscores, and no dot at an end."
      )
    }
  }
}
