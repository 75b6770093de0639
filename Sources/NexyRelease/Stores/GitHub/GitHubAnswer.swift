import Foundation
import NIOHTTP1
import NexyCore

/// A small answer of GitHub's API, read to its end.
struct GitHubAnswer: Sendable {
  let status: Int
  let headers: HTTPHeaders
  let body: [UInt8]

  init(status: Int, headers: HTTPHeaders = [:], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// - Throws: `NexyError` with code `storeRefused` for what GitHub does not say.
  func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
    guard let value = try? Self.decoder().decode(type, from: Data(body)) else {
      throw NexyError(
        .storeRefused,
        "The answer (\(status)) is not one of GitHub's API. Check RELEASE_GITHUB_API, and what stands between.")
    }
    return value
  }

  /// What GitHub says of an error (https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api).
  var fault: GitHubFault { (try? Self.decoder().decode(GitHubFault.self, from: Data(body))) ?? GitHubFault() }

  private static func decoder() -> JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
  }
}

/// An error's own words.
struct GitHubFault: Decodable {
  struct Detail: Decodable {
    var field: String?
    var code: String?
    var message: String?
  }

  private enum CodingKeys: String, CodingKey { case message, errors }

  var message: String?
  var details: [Detail] = []

  init() {}

  init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: CodingKeys.self)
    message = try? members.decodeIfPresent(String.self, forKey: .message)
    // Some errors have sentences where others have objects.
    details = (try? members.decodeIfPresent([Detail].self, forKey: .errors)) ?? []
  }

  /// For people, on one line, with nothing in it that looks like a secret.
  var words: String {
    let parts = details.map { [$0.field, $0.code, $0.message].compactMap(\.self).joined(separator: " ") }
    let line = ([message ?? ""] + parts).filter { !$0.isEmpty }.joined(separator: "; ").filter { !$0.isNewline }
    return Redaction.masked(String(line.prefix(300)))
  }
}

// The objects of the API, as far as a release needs them (https://docs.github.com/en/rest/releases/releases,
// https://docs.github.com/en/rest/releases/assets, https://docs.github.com/en/rest/repos/repos).

struct GitHubRepository: Decodable {
  struct Permissions: Decodable { var push: Bool? }

  var archived: Bool?
  var permissions: Permissions?
}

struct GitHubRelease: Decodable, Sendable {
  let id: Int64
  let tagName: String
  var draft: Bool?
  var immutable: Bool?
  /// With `{?name,label}` at its end.
  let uploadUrl: String
}

struct GitHubImmutability: Decodable { let enabled: Bool }

struct GitHubAsset: Decodable, Sendable {
  let id: Int64
  let name: String
  /// `uploaded` for a whole one; `starter` for what a failed upload leaves.
  let state: String
  let size: Int64
  /// `sha256:` and 64 hexadecimal digits, for assets since June 2025.
  var digest: String?
  var updatedAt: String?

  var isWhole: Bool { state == "uploaded" }

  var sha256: String? {
    guard let digest, digest.hasPrefix("sha256:") else { return nil }
    return digest.dropFirst("sha256:".count).lowercased()
  }

  func stored(tag: String) -> StoreAsset {
    StoreAsset(
      tag: tag, name: name, size: size, sha256: sha256, identifier: String(id),
      modified: updatedAt.flatMap { ISO8601.seconds(of: $0) } ?? 0)
  }
}
