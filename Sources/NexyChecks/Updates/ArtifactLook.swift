import Crypto
import Foundation
import NIOCore
import NexyCore
import NexyUpdates
import Synchronization

/// The artifact behind a feed, downloaded as a client would.
struct ArtifactLook: Sendable {
  let run: CheckRun
  let points: CheckPoint.OfChannel
  /// What clients check signatures with; nil where the operator did not tell.
  let key: SparklePublicKey?
  let offer: OfferedRelease
  let manifest: ToldManifest?

  /// Whether it is a file of an update server; others, as GitHub, have fields of their own.
  private var isHere: Bool { offer.url.contains("/updates/downloads/") }

  /// For 276 MB over a line of 4 MBit/s.
  private static let longestDownload = Duration.seconds(600)

  func look() async {
    let path = NSTemporaryDirectory() + "nexy-check-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let came = Found<WebAnswer>()
    let expected = "\(offer.length) bytes, SHA-256 \(manifest?.sha256.prefix(12) ?? "unknown")"
    let isWhole = await run.look(points.artifact, expecting: expected, within: Self.longestDownload) {
      let download = try await download(to: path)
      came.set(download.answer)
      guard download.answer.status == 200 else { return .bad("HTTP \(download.answer.status) from \(offer.url)") }
      return .of(faults(of: download), otherwise: "\(download.size) bytes, SHA-256 \(download.sha256.prefix(12))")
    }
    type(came.value)
    await signature(path, isDownloaded: isWhole)
    await range(of: path, tag: came.value?.headers["etag"])
  }

  private struct Download: Sendable {
    let answer: WebAnswer
    let size: Int64
    let sha256: String
  }

  private func faults(of download: Download) -> [String] {
    var faults: [String] = []
    if download.size != offer.length { faults.append("\(download.size) bytes") }
    guard let manifest else { return faults + ["no manifest tells its checksum"] }
    if download.sha256 != manifest.sha256 { faults.append("SHA-256 \(download.sha256)") }
    if download.size != manifest.size { faults.append("\(download.size) bytes, the manifest says \(manifest.size)") }
    return faults
  }

  private func type(_ answer: WebAnswer?) {
    let expected = isHere ? "a file: a name to save it by, a tag, a date, ranges, nosniff" : "no page"
    guard let answer, answer.status == 200 else {
      run.record(points.type, expecting: expected, .skipped("it could not be downloaded"))
      return
    }
    let type = answer.headers["content-type"] ?? "no content-type"
    var faults = type.hasPrefix("text/") || type == "no content-type" ? [type] : []
    if isHere {
      faults +=
        answer.faultsOfValidators()
        + answer.faults(wanting: ["accept-ranges": "bytes", "x-content-type-options": "nosniff"])
      let disposition = answer.headers["content-disposition"] ?? "missing"
      if !disposition.hasPrefix("attachment; filename=") { faults.append("content-disposition \(disposition)") }
    }
    run.record(points.type, expecting: expected, .of(faults, otherwise: type))
  }

  private func signature(_ path: String, isDownloaded: Bool) async {
    let expected = "signatures of these bytes in feed and manifest"
    guard let key else {
      run.record(points.signature, expecting: expected, .skipped("no --public-key is given"))
      return
    }
    guard isDownloaded else {
      run.record(points.signature, expecting: expected, .skipped("it could not be downloaded whole"))
      return
    }
    await run.look(points.signature, expecting: expected, within: Self.longestDownload) {
      var faults: [String] = []
      for (place, text) in [("feed", offer.signature), ("manifest", manifest?.signature)] {
        guard let text, let signature = ArtifactSignature(base64: text) else {
          faults.append("the \(place) has none")
          continue
        }
        if try !signature.isValid(for: path, by: key) {
          faults.append("the \(place)'s is not of these bytes by this key")
        }
      }
      return .of(faults, otherwise: "both are good")
    }
  }

  /// Asks for a part as who goes on with a download does, and for what lies behind the end.
  private func range(of path: String, tag: String?) async {
    let part = Int64(10)...19
    guard offer.length > part.upperBound else {
      return run.record(points.range, expecting: "206", .skipped("it has \(offer.length) bytes"))
    }
    await run.look(points.range, expecting: "206, the ten bytes asked for; 416 behind the end") {
      // A weak tag vouches for no bytes.
      let same = tag.flatMap { $0.hasPrefix("\"") ? [("if-range", $0)] : nil } ?? []
      let answer = try await run.web.follow(
        offer.url, headers: same + [("range", "bytes=\(part.lowerBound)-\(part.upperBound)")])
      var faults = answer.status == 206 ? [] : ["HTTP \(answer.status)"]
      let told = answer.headers["content-range"] ?? "missing"
      if told != "bytes \(part.lowerBound)-\(part.upperBound)/\(offer.length)" {
        faults.append("content-range \(told)")
      }
      if answer.body != Self.bytes(part, of: path) { faults.append("\(answer.body.count) other bytes") }
      let behind = try await run.web.follow(offer.url, headers: [("range", "bytes=\(offer.length)-")])
      if behind.status != 416 { faults.append("HTTP \(behind.status) behind the end") }
      return .of(faults, otherwise: "206, \(answer.body.count) bytes; 416")
    }
  }

  private static func bytes(_ part: ClosedRange<Int64>, of path: String) -> [UInt8] {
    guard let file = FileHandle(forReadingAtPath: path) else { return [] }
    defer { try? file.close() }
    try? file.seek(toOffset: UInt64(part.lowerBound))
    return (try? file.read(upToCount: part.count)).map(Array.init) ?? []
  }

  private func download(to path: String) async throws -> Download {
    guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path)
    else { throw NexyError(.noScratch, "\(path) could not be written: give the temporary folder some room") }
    defer { try? file.close() }
    let most = max(offer.length, manifest?.size ?? 0)
    let sum = Mutex((size: Int64(0), hasher: SHA256()))
    let answer = try await run.web.follow(offer.url, limit: Self.longestDownload) { piece in
      try sum.withLock { sum in
        sum.size += Int64(piece.readableBytes)
        guard sum.size <= most else { throw NexyError(.noAnswer, "the download goes on after its \(most) bytes") }
        piece.withUnsafeReadableBytes { sum.hasher.update(bufferPointer: $0) }
      }
      try file.write(contentsOf: Data(piece.readableBytesView))
    }
    let (size, digest) = sum.withLock { ($0.size, $0.hasher.finalize()) }
    return Download(answer: answer, size: size, sha256: digest.hexadecimal)
  }
}

extension NexyError.Code {
  /// The temporary folder takes no file.
  static let noScratch = Self("no_scratch")
}
