import NexyCore
import NexyUpdates

/// Looks for secrets in what is about to be pushed; what it finds is told by place and kind, never by value.
///
/// What has no form of its own is not found by looking: an Ed25519 seed in base64 is as any checksum, an Azure key of 32 digits
/// too. So the configured secrets are handed in and looked for as they are. Compressed bytes, as most of a disk image, hide
/// what they hold.
package struct SecretScan: Sendable {
  /// Shorter ones stand in too much by chance.
  package static let shortestSecret = 12
  /// More of a secret adds no certainty.
  private static let longestSecret = 4096

  /// What else must not be in anything that is pushed, as it would stand there.
  let secrets: [[UInt8]]

  /// - Parameter secrets: the configured ones; those below `shortestSecret` bytes are left out.
  package init(secrets: [[UInt8]] = []) {
    self.secrets = secrets.filter { $0.count >= Self.shortestSecret }.map { Array($0.prefix(Self.longestSecret)) }
  }

  /// Looks through a small text: notes, a manifest.
  /// - Parameter name: as it is told, such as `notes`.
  /// - Returns: one finding for each line with a secret.
  package func findings(inText bytes: [UInt8], named name: String) -> [Finding] {
    // Redaction counts the bytes of a repaired text, so that is the one to look through.
    let text = String(decoding: bytes, as: UTF8.self)
    var places: [(offset: Int, rule: String, kind: String)] = []
    Array(text.utf8).withUnsafeBytes { bytes in
      places += occurrences(of: PrivateKeyBlock.beginning, in: bytes)
        .filter { PrivateKeyBlock.isHead(at: $0, in: bytes) }
        .map { ($0, PrivateKeyBlock.rule, PrivateKeyBlock.kind) }
      for shape in SecretShape.all {
        places += occurrences(of: shape.beginning, in: bytes)
          .filter { shape.isWhole(at: $0, in: bytes) }.map { ($0, shape.rule, shape.kind) }
      }
      for secret in secrets {
        places += occurrences(of: secret, in: bytes).map { ($0, "configured", "a configured secret") }
      }
      places += Redaction.sightings(in: text)
        .filter { SecretProse.isSecret($0, in: bytes) }.map { ($0.range.lowerBound, "named", Self.kind(of: $0)) }
    }
    return Self.findings(at: places, in: Array(text.utf8), named: name)
  }

  static func finding(_ rule: String, _ kind: String, at place: String) -> Finding {
    Finding(
      .rejected, "secret-\(rule)", at: place, "It holds what looks like \(kind).",
      remedy: "Take it out. If it was ever pushed or sent, make a new one and switch the old one off.")
  }

  private static func findings(
    at places: [(offset: Int, rule: String, kind: String)], in bytes: [UInt8], named name: String
  ) -> [Finding] {
    var findings: [Finding] = []
    var (line, lineOf, counted) = (1, 0, 0)
    for place in places.enumerated().sorted(by: { ($0.element.offset, $0.offset) < ($1.element.offset, $1.offset) })
      .map(\.element)
    {
      line += bytes[counted..<place.offset].count { $0 == 0x0A }
      counted = place.offset
      guard line != lineOf else { continue }
      lineOf = line
      findings.append(finding(place.rule, place.kind, at: "\(name) line \(line)"))
    }
    return findings
  }

  private func occurrences(of word: [UInt8], in bytes: UnsafeRawBufferPointer) -> [Int] {
    var (found, start): ([Int], Int) = ([], 0)
    while let index = bytes.index(of: word, from: start) {
      found.append(index)
      start = index + 1
    }
    return found
  }

  private static func kind(of sighting: Redaction.Sighting) -> String {
    switch sighting.kind {
    case .key: "a key"
    case .bearer: "a bearer token"
    case .credentials: "a password in an address"
    case .assigned, .named: "the value of a key, a token or a password"
    }
  }
}
