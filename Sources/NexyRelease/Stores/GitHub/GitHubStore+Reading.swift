import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NexyCore
import NexyUpdates

extension GitHubStore {
  package func digest(of asset: StoreAsset, progress: @escaping TransferProgress) async throws -> FileDigest {
    try await read(asset, progress: progress, begin: {}, take: { _ in })
  }

  package func fetch(
    _ asset: StoreAsset, to path: String, progress: @escaping TransferProgress
  ) async throws -> FileDigest {
    try await PartFile.fill(path, isReplacing: true) { part in
      try await read(asset, progress: progress, begin: { try part.restart() }, take: { try part.append($0) })
    }
  }

  /// Reads an asset's bytes, from where the API redirects to; a transfer that breaks off begins anew.
  private func read(
    _ asset: StoreAsset, progress: @escaping TransferProgress, begin: @escaping @Sendable () throws -> Void,
    take: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
  ) async throws -> FileDigest {
    guard let address = WebAddress(api.url("/releases/assets/\(asset.identifier)")) else {
      throw StoreRefusal.missing(asset, name)
    }
    let reply = try await api.persistently { () async throws -> (GitHubAnswer, FileDigest?) in
      let own = try await api.headers(accept: "application/octet-stream")
      return try await SilenceWatch.run(limit: api.silence, clock: api.clock) { [api] watch in
        // The address it redirects to is signed, and another server's: the token is not for it.
        let (response, _) = try await api.client.follow(address) { $0.sharesOrigin(with: api.base) ? own : [:] }
        guard response.status == .ok else { return (try await GitHubAPI.read(response, watch), nil) }
        try begin()
        let digest = try await response.digest(total: asset.size, progress: progress, watch: watch, take)
        return (GitHubAnswer(status: 200), digest)
      }
    }
    switch (reply.verdict, reply.value ?? nil) {
    case (.success, let digest?): return digest
    case (.missing, _): throw StoreRefusal.missing(asset, name)
    default: throw api.refusal(reply.answer, reply.verdict, to: "give \(asset.name) of \(asset.tag)")
    }
  }
}
