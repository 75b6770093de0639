import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NexyCore
import NexyUpdates

extension GitHubStore {
  package func upload(
    _ path: String, digest: FileDigest, as name: String, to tag: String, progress: @escaping TransferProgress
  ) async throws -> StoreAsset {
    try GitHubName.check(name)
    let release = try await release(tag)
    guard let address = uploadAddress(of: release, name: name) else {
      throw NexyError(
        .storeRefused,
        "GitHub names an upload address that is not https, so the token stays here. Check RELEASE_GITHUB_API.")
    }
    let upload = GitHubUpload(
      store: self, release: release, address: address, path: path, digest: digest, name: name, progress: progress)
    return try await upload.run().stored(tag: tag)
  }

  /// Where the release takes files; nil for an address that must not have the token.
  private func uploadAddress(of release: GitHubRelease, name: String) -> WebAddress? {
    guard let address = WebAddress("\(release.uploadUrl.prefix { $0 != "{" && $0 != "?" })?name=\(name)"),
      address.scheme == "https" || api.base.isLoopback
    else { return nil }
    return address
  }
}

/// One file on its way to a release. What a failed try left is looked at before the next one: a request whose answer got
/// lost may have succeeded, or have left a part of the file under its name
/// (https://docs.github.com/en/rest/releases/assets#upload-a-release-asset).
struct GitHubUpload {
  let store: GitHubStore
  let release: GitHubRelease
  let address: WebAddress
  let path: String
  let digest: FileDigest
  let name: String
  let progress: TransferProgress

  private var api: GitHubAPI { store.api }

  func run() async throws -> GitHubAsset {
    if let there = try await settle(isOurs: false) { return there }
    let source = try UploadSource(path, digest: digest)
    var (failures, limits) = (0, 0)
    while true {
      let reason: String
      var asked: Duration?
      switch try await send(source) {
      case .failure(let fault): reason = fault.reason
      case .success(let answer):
        let verdict = GitHubVerdict.of(answer, repeats: limits, now: api.patience.now)
        switch verdict {
        case .success:
          let asset: GitHubAsset = try answer.decode()
          if try await holdsFile(asset) { return asset }
          reason = "GitHub stored other bytes than it was sent"
        case .nameTaken: reason = "GitHub says that the name is taken"
        case .failing(let wait): (reason, asked) = ("GitHub failed (\(answer.status))", wait)
        case .limited(let limit, let wait):
          limits += 1
          try await api.patience.wait(for: limit, wait)
          continue
        case .missing, .refused:
          throw api.refusal(answer, verdict, to: "take \(name) for \(release.tagName)")
        }
      }
      if let there = try await settle(isOurs: true) { return there }
      failures += 1
      guard failures <= api.patience.retries else { throw api.unreachable(reason) }
      try await api.patience.backOff(failures: failures, asked: asked, reason)
    }
  }

  /// One try. A file that turns out to be another one ends it, and what it left is taken away.
  private func send(_ source: UploadSource) async throws -> Result<GitHubAnswer, WebFault> {
    var request = HTTPClientRequest(url: address.text)
    request.method = .POST
    request.headers = try await api.headers()
    request.headers.add(name: "content-type", value: "application/octet-stream")
    do {
      return try await api.outcome {
        try await SilenceWatch.run(limit: api.silence, clock: api.clock) { [api, progress, digest, request] watch in
          let pieces = source.pieces { bytes, total in
            watch.progressed()
            progress(bytes, total)
          }
          var request = request
          request.body = .stream(pieces, length: .known(digest.size))
          return try await GitHubAPI.read(api.client.execute(request, deadline: .distantFuture), watch)
        }
      }
    } catch let error as NexyError {
      _ = try? await settle(isOurs: true)
      throw error
    }
  }

  /// Clears the name of what is no whole file of these bytes.
  ///
  /// - Parameter isOurs: Whether a try of ours began with the name free, so that other bytes of it are our own leftover.
  /// - Returns: The whole file, when it is there.
  /// - Throws: `NexyError` with code `storeNameTaken` for a whole file of other bytes that is not ours.
  private func settle(isOurs: Bool) async throws -> GitHubAsset? {
    for asset in try await store.list(release) where asset.name == name {
      if try await holdsFile(asset) { return asset }
      guard isOurs || !asset.isWhole else { throw StoreRefusal.taken(name, release.tagName, store.name) }
      try await store.delete(identifier: String(asset.id), name: name)
    }
    return nil
  }

  /// Reads the asset back where GitHub does not tell its digest.
  private func holdsFile(_ asset: GitHubAsset) async throws -> Bool {
    guard asset.isWhole, asset.name == name, asset.size == digest.size else { return false }
    if let sha256 = asset.sha256 { return sha256 == digest.sha256 }
    return try await store.digest(of: asset.stored(tag: release.tagName)) { _, _ in } == digest
  }
}
