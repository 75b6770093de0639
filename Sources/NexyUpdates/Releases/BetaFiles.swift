/// The files of the beta channel and of all others, worked out once to judge many files by.
struct BetaFiles {
  private let betas: Set<BetaFile>
  private let others: [BetaFile]

  init(_ releases: Releases) {
    let (hidden, seen) = releases.archive.values.reduce(into: ([Manifest](), [Manifest]())) { parts, manifest in
      if releases.isBetaOnly(manifest) { parts.0.append(manifest) } else { parts.1.append(manifest) }
    }
    func files(_ channel: Manifest?, _ archive: [Manifest]) -> [BetaFile] {
      ([channel].compactMap(\.self) + archive).flatMap(BetaFile.all)
    }
    betas = releases.betaFiles.union(files(releases.beta.manifest, hidden))
    others = files(releases.stable.manifest, seen) + releases.stableFiles
  }

  /// Whether a file belongs to the beta channel alone, now or as it was before, by its bytes, else by its name.
  ///
  /// What is not hashed yet and could be a beta is taken for one: it is seen a moment later, if at all.
  func contain(_ file: DownloadShelf.Item) -> Bool {
    guard !betas.isEmpty else { return false }
    let isNameOfOther = others.contains { $0.name == file.name }
    if let checksum = file.checksum {
      if others.contains(where: { $0.sha256 == checksum }) { return false }
      return betas.contains { $0.sha256 == checksum || $0.name == file.name && !isNameOfOther }
    }
    let candidates = betas.filter { beta in !others.contains { $0.sha256 == beta.sha256 } }
    return candidates.contains { $0.size == file.size || $0.name == file.name && !isNameOfOther }
  }
}
