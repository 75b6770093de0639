import NexyCore

extension GitHubStore {
  package func swap(_ asset: StoreAsset, into name: String) async throws -> StoreAsset {
    try GitHubName.check(name)
    let release = try await release(asset.tag)
    let swap = GitHubSwap(store: self, release: release, incoming: asset, name: name)
    return try await swap.run().stored(tag: asset.tag)
  }
}

/// Two renames, as GitHub has no replacement: the old file steps aside under a name of its own, the new one takes its
/// place, the old one goes. Whatever point it ends at, doing it again finishes it.
struct GitHubSwap {
  let store: GitHubStore
  let release: GitHubRelease
  let incoming: StoreAsset
  let name: String

  /// What stands on the shelf now, as far as it concerns the swap.
  private struct Standing {
    /// Has the name, whole.
    var current: GitHubAsset?
    /// Is to get the name.
    var incoming: GitHubAsset?
    /// Had the name; the last one to have it first.
    var outgoing: [GitHubAsset] = []
    /// Has the name, but never was whole.
    var leftovers: [GitHubAsset] = []
  }

  func run() async throws -> GitHubAsset {
    let standing = try await look()
    if let current = standing.current, isDone(current) {
      await clear(standing.outgoing + [standing.incoming].compactMap(\.self).filter { $0.id != current.id })
      return current
    }
    guard standing.incoming != nil else {
      try await putBack(standing)
      throw StoreRefusal.missing(incoming, store.name)
    }
    for leftover in standing.leftovers { try await store.delete(identifier: String(leftover.id), name: name) }
    try Task.checkCancellation()
    var aside = standing
    if let current = standing.current {
      aside.current = nil
      aside.outgoing.insert(current, at: 0)
    }
    let renamed = try await takeName(aside, from: standing.current)
    await clear(aside.outgoing)
    return renamed
  }

  /// Gives the new file the name; when that fails for good, the old one has it again.
  private func takeName(_ aside: Standing, from current: GitHubAsset?) async throws -> GitHubAsset {
    do {
      if let current { _ = try await store.rename(String(current.id), to: outgoingName(of: current)) }
      guard let renamed = try await store.rename(incoming.identifier, to: name) else {
        throw StoreRefusal.missing(incoming, store.name)
      }
      return renamed
    } catch {
      // The answer may be lost of a rename that was done.
      if let current = try? await look().current, isDone(current) { return current }
      try? await putBack(aside)
      throw error
    }
  }

  private func putBack(_ standing: Standing) async throws {
    guard standing.current == nil, let last = standing.outgoing.first else { return }
    _ = try await store.rename(String(last.id), to: name)
  }

  /// The name has its new file already: an old one that stays for now goes with the next swap.
  private func clear(_ assets: [GitHubAsset]) async {
    for asset in assets { try? await store.delete(identifier: String(asset.id), name: asset.name) }
  }

  private func look() async throws -> Standing {
    var standing = Standing()
    for asset in try await store.list(release) {
      if String(asset.id) == incoming.identifier { standing.incoming = asset }
      if asset.name == name {
        if asset.isWhole { standing.current = asset } else { standing.leftovers.append(asset) }
      } else if asset.name == outgoingName(of: asset) {
        standing.outgoing.append(asset)
      }
    }
    standing.outgoing.sort { ($0.updatedAt ?? "", $0.id) > ($1.updatedAt ?? "", $1.id) }
    return standing
  }

  private func isDone(_ current: GitHubAsset) -> Bool {
    if String(current.id) == incoming.identifier { return true }
    guard let sha256 = current.sha256, current.size == incoming.size else { return false }
    return sha256 == incoming.sha256
  }

  private func outgoingName(of asset: GitHubAsset) -> String { "\(ReleaseFile.outgoing)\(asset.id)-\(name)" }
}
