import ArgumentParser
import AsyncHTTPClient
import Foundation
import NIOCore
import NexyCore
import NexyProviders
import NexyUpdates

/// `nexy bench updates`: the feed and a download of an update server, and a peer beside it.
struct BenchUpdates: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "updates",
    abstract: "Asks an update server for its feed, in a closed or open loop, and for a download; a peer in turns.",
    discussion: """
      Without --url a server of this program is started with a release of --megabytes, and ended with it. --peer is any \
      other server of the same paths, such as nginx with the same bytes; it takes turns with the first one.

      The client costs more than either server: a closed loop shows what it can ask, not what they can answer (for that \
      Tests/Load/updates.py asks with wrk). What this shows is how long a feed takes at a given --rate, counted from the \
      moment each request was meant to begin.
      """)

  @Option(help: "The server, such as http://127.0.0.1:8081; without it one is started.") var url: String?
  @Option(help: "A server to compare with, of the same paths.") var peer: String?
  @Option(help: "The feed's path.") var feed = "/updates/appcast.xml"
  @Option(help: "The download's path; none for no downloads.") var download = OwnRelease.path
  @Option(help: "Downloads one after the other in each round.") var downloads = 3
  @Option(help: "Size of the release of a server that is started, in MB.") var megabytes = 64
  @Option(help: "Feed requests at the same time, each on its connection.") var inFlight = 16
  @OptionGroup var load: LoadOptions

  func validate() throws {
    guard (1...1000).contains(inFlight), (1...1000).contains(downloads), (1...2000).contains(megabytes) else {
      throw ValidationError("--in-flight and --downloads are 1 to 1000, --megabytes 1 to 2000.")
    }
    for base in [url, peer].compactMap(\.self) where URL(string: base)?.host() == nil {
      throw ValidationError("\(base) is no address of a server; give one such as http://127.0.0.1:8081.")
    }
  }

  func run() async throws {
    let rounds: [BenchRun.Round]
    if let url {
      rounds = try await measure(url)
    } else {
      let release = OwnRelease(megabytes: megabytes)
      rounds = try await OwnServer(prepare: { try await release.write(into: $0) }).run { ports in
        try await measure("http://127.0.0.1:\(ports.updates)")
      }
    }
    var settings = load.settings.merging(["in_flight": "\(inFlight)", "downloads": "\(downloads)"]) { $1 }
    settings["megabytes"] = url == nil ? "\(megabytes)" : "unknown"
    try load.show(BenchRun(name: "updates", settings: settings, rounds: rounds))
  }

  private func measure(_ url: String) async throws -> [BenchRun.Round] {
    var configuration = HTTPClient.Configuration.upstream(connect: .seconds(3), connections: inFlight)
    configuration.timeout.read = .seconds(60)
    let client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    let outcome: Result<[BenchRun.Round], any Error>
    do { outcome = .success(try await rounds(client, url)) } catch { outcome = .failure(error) }
    try await client.shutdown()
    return try outcome.get()
  }

  private func rounds(_ client: HTTPClient, _ url: String) async throws -> [BenchRun.Round] {
    let subjects = [("nexy", url)] + (peer.map { [("peer", $0)] } ?? [])
    let loads = subjects.map { name, base in
      FeedLoad(client: client, subject: name, base: base, plan: load.plan(inFlight: inFlight))
    }
    for load in loads { try await load.check(feed) }
    var rounds: [BenchRun.Round] = []
    for _ in 0..<load.rounds {
      for load in loads {
        rounds.append(try await load.round(feed: feed, download: download == "none" ? nil : download, downloads))
      }
    }
    return rounds
  }
}

/// A release of random bytes for a server of our own.
private struct OwnRelease {
  static let path = "/updates/downloads/Nexy.dmg"

  let megabytes: Int

  func write(into folder: String) async throws {
    let updates = URL(filePath: folder).appending(path: "updates")
    for name in ["manifests", "downloads"] {
      try FileManager.default.createDirectory(
        at: updates.appending(path: name), withIntermediateDirectories: true)
    }
    let file = updates.appending(path: "downloads/Nexy.dmg").path
    let million = Data((0..<1_000_000).map { _ in UInt8.random(in: 0...255) })
    try Data().write(to: URL(filePath: file))
    let handle = try FileHandle(forWritingTo: URL(filePath: file))
    for _ in 0..<megabytes { try handle.write(contentsOf: million) }
    try handle.close()
    let digest = try await FileDigest.of(file)
    let manifest: JSONValue = [
      "version": "2.0.0.15", "build": "2.0.0.15", "release_date": "2026-02-25T12:00:00Z",
      "artifact": [
        "type": "dmg", "url": "https://github.com/Seregawpn/Nexy_production/releases/download/Update/Nexy.dmg",
        "size": .integer(digest.size), "sha256": .string(digest.sha256), "min_os": "11.0",
      ],
    ]
    try JSONEncoder().encode(manifest).write(to: updates.appending(path: "manifests/manifest.json"))
  }
}
