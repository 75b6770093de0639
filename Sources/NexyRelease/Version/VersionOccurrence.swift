import NexyCore

/// A version as it stands in a file.
struct VersionOccurrence: Sendable, Equatable {
  /// The bytes that another version takes the place of.
  let range: Range<Int>
  /// Counted from 1; nil where the version is the whole file.
  let line: Int?
  /// What stands there, a version or not.
  let text: String
}

/// Why no version can be found in a file, or none can be put there.
struct PlaceProblem: Error, Equatable {
  let reason: String
}

extension VersionPlace {
  /// Where the version stands in the bytes of the place's file; nowhere for manifests and copies.
  /// - Throws: `PlaceProblem` when the file is not what the place's kind says.
  func occurrences(in bytes: [UInt8]) throws(PlaceProblem) -> [VersionOccurrence] {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw PlaceProblem(reason: "it is no UTF-8 text") }
    switch kind {
    case .file: return [VersionOccurrence(range: 0..<bytes.count, line: nil, text: text.trimmed)]
    case .setting(let name): return SettingLine.occurrences(of: name, in: bytes)
    case .yaml(let key): return try YAMLKey.occurrences(of: key, in: bytes, text: text)
    case .text(let marker): return marker.occurrences(in: bytes)
    case .manifest, .copy: return []
    }
  }
}

extension [UInt8] {
  /// The line that a byte stands in, counted from 1.
  func line(at offset: Int) -> Int { self[..<offset].count { $0 == 0x0A } + 1 }
}
