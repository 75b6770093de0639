import Crypto
import Foundation
import NexyCore
import NexyUpdates

/// What a validation saw, kept so that a release goes on to everybody only with it.
package struct ValidationReceipt: Sendable, Equatable, Codable {
  package var channel: String
  package var version: String
  package var build: String
  /// What clients update from, first, and what was released beside it.
  package var files: [ReleaseFile]
  /// Where the manifest sends clients.
  package var artifactURL: String
  /// Of the manifest's bytes as they are written.
  package var manifestSHA256: String
  /// ISO 8601, UTC.
  package var startedAt: String
  /// ISO 8601, UTC.
  package var finishedAt: String
  package var healthURL: String
  package var updatesURL: String
  /// Program and machine, such as `nexy 0.1.0 on mill`.
  package var validatedBy: String
  package var checks: [ValidationCheck]
  package var passed: Bool

  // As the decoder of snake case spells them: `artifact_url` and `manifest_sha256` are in the file.
  private enum CodingKeys: String, CodingKey {
    case channel, version, build, files, startedAt, finishedAt, validatedBy, checks, passed
    case artifactURL = "artifactUrl"
    case manifestSHA256 = "manifestSha256"
    case healthURL = "healthUrl"
    case updatesURL = "updatesUrl"
  }

  init(
    _ validation: ReleaseValidation, checks: [ValidationCheck], startedAt: Int64, finishedAt: Int64, host: String
  ) {
    let manifest = validation.manifest
    channel = validation.channel.rawValue
    version = manifest.version.text
    build = manifest.build.text
    files = Self.files(of: manifest, beside: validation.files)
    artifactURL = manifest.artifact.url
    manifestSHA256 = Self.checksum(of: manifest)
    self.startedAt = ISO8601.text(milliseconds: startedAt)
    self.finishedAt = ISO8601.text(milliseconds: finishedAt)
    healthURL = validation.healthURL
    updatesURL = validation.updatesURL
    validatedBy = "nexy \(Nexy.version) on \(host)"
    self.checks = checks
    passed = checks.allSatisfy(\.passed)
  }

  static func files(of manifest: Manifest, beside others: [ReleaseFile]) -> [ReleaseFile] {
    [ReleaseFile(artifactOf: manifest)].compactMap(\.self) + others
  }

  static func checksum(of manifest: Manifest) -> String {
    SHA256.hash(data: manifest.encoded()).hexadecimal
  }
}
