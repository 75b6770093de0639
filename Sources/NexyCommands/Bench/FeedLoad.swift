import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NexyCore

/// Requests of an update server as a load.
struct FeedLoad: Sendable {
  /// How long an answer may take.
  private static let limit = TimeAmount.seconds(60)
  /// Octets of a feed, at most.
  private static let longest = 1 << 20

  let client: HTTPClient
  let subject: String
  let base: String
  let plan: LoadPlan

  /// - Throws: `NexyError` with code `unreachable` where the feed does not come.
  func check(_ feed: String) async throws {
    do {
      try await ask(feed)
    } catch {
      throw NexyError(
        .unreachable, "\(base)\(feed) does not answer with a feed. Start a server, or leave --url out.", cause: error)
    }
  }

  /// One round: the feed under load, then the download, by itself.
  func round(feed: String, download: String?, _ downloads: Int) async throws -> BenchRun.Round {
    let load = LoadRun(plan: plan, clock: ContinuousClock(), figures: ["feed"])
    var round = try await load.run { _, start in
      try await ask(feed)
      return [ContinuousClock.now - start]
    }.round(of: subject)
    guard let download else { return round }
    var times: [Duration] = []
    var octets = 0
    for _ in 0..<downloads {
      let start = ContinuousClock.now
      octets += try await bytes(of: download)
      times.append(ContinuousClock.now - start)
    }
    round.latencies["download"] = LatencyHistogram(times).percentiles
    round.amounts["download_megabytes_per_second"] = Double(octets) / 1e6 / times.reduce(.zero, +).inSeconds
    return round
  }

  private func ask(_ path: String) async throws {
    let response = try await client.execute(HTTPClientRequest(url: base + path), timeout: Self.limit)
    let body = try await response.body.collect(upTo: Self.longest)
    guard response.status == .ok, body.readableBytes > 0 else {
      throw NexyError(.badAnswer, "\(base)\(path) answered \(response.status.code).")
    }
  }

  private func bytes(of path: String) async throws -> Int {
    let response = try await client.execute(HTTPClientRequest(url: base + path), timeout: Self.limit)
    guard response.status == .ok else {
      throw NexyError(.badAnswer, "\(base)\(path) answered \(response.status.code). Give --download a path of a file.")
    }
    var octets = 0
    for try await piece in response.body { octets += piece.readableBytes }
    guard response.headers.first(name: "content-length") == "\(octets)" else {
      throw NexyError(.badAnswer, "\(base)\(path) ended after \(octets) octets, which is not what it announced.")
    }
    return octets
  }
}

extension NexyError.Code {
  /// A server answered otherwise than a benchmark can use.
  static let badAnswer = Self("bad_answer")
}
