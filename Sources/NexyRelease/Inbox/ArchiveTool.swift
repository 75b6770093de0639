import NexyCore

/// A program that lists archives and takes single files out of them; the command lines are values.
///
/// 7-Zip (https://www.7-zip.org; Debian's `7zip`, Homebrew's `sevenzip`) reads zip, xar, and disk images with HFS+ and APFS. bsdtar, which macOS has, reads
/// zip and xar.
enum ArchiveTool: Sendable, Equatable {
  case sevenZip(String)
  case bsdtar

  /// What may read a kind of file, best first.
  static func candidates(for kind: ArtifactKind) -> [ArchiveTool] {
    let sevenZips = ["7zz", "7z", "7za"].map { sevenZip($0) }
    return kind == .dmg ? sevenZips : sevenZips + [.bsdtar]
  }

  var program: String {
    switch self {
    case .sevenZip(let name): name
    case .bsdtar: "bsdtar"
    }
  }

  /// Arguments that list a file's members, at least those whose own name is `name`.
  func listing(of path: String, kind: ArtifactKind, name: String) -> [String] {
    switch self {
    // -p is an empty password: nothing is asked for.
    case .sevenZip: ["l", "-ba", "-slt", "-sccUTF-8", "-p"] + format(kind) + ["-ir!\(name)", "--", path]
    case .bsdtar: ["-tf", path]
    }
  }

  /// Arguments that write one member to standard output.
  func extraction(of member: String, from path: String, kind: ArtifactKind) -> [String] {
    switch self {
    case .sevenZip: ["e", "-so", "-spd", "-sccUTF-8", "-p"] + format(kind) + ["--", path, member]
    case .bsdtar: ["-xOf", path, "--", Self.literal(member)]
    }
  }

  /// The members that a listing names.
  func members(in output: [UInt8]) -> [String] {
    let lines = String(decoding: output, as: UTF8.self).split(whereSeparator: \.isNewline)
    switch self {
    case .sevenZip: return lines.filter { $0.hasPrefix("Path = ") }.map { String($0.dropFirst("Path = ".count)) }
    case .bsdtar: return lines.map(String.init)
    }
  }

  /// A package is a xar, and 7-Zip would go on into the payload that is in it.
  private func format(_ kind: ArtifactKind) -> [String] { kind == .pkg ? ["-txar"] : [] }

  /// bsdtar takes names for patterns.
  private static func literal(_ member: String) -> String {
    member.reduce(into: "") { text, character in
      if "*?[\\".contains(character) { text.append("\\") }
      text.append(character)
    }
  }
}

/// How a client's artifact is packed.
enum ArtifactKind: String, Sendable, CaseIterable {
  case dmg, pkg, zip

  /// By the end of its name; nil for any other file.
  init?(path: String) {
    guard let dot = path.lastIndex(of: ".") else { return nil }
    self.init(rawValue: path[path.index(after: dot)...].lowercased())
  }
}
