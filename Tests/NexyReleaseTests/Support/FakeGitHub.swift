import Foundation
import NIOCore
import NIOHTTP1
import NexyTestSupport
import Synchronization

@testable import NexyRelease

/// A repository of releases as GitHub's API shows it, with faults that a test arms one by one.
final class FakeGitHub: Sendable {
  static let token = "ghp_test0123456789abcdefghij"
  static let repository = "acme/client"

  struct Asset: Sendable, Equatable {
    var id: Int
    var name: String
    var bytes: [UInt8]
    var state = "uploaded"
  }

  struct Release: Sendable {
    var id: Int
    var isDraft = false
    var isImmutable = false
    var assets: [Asset] = []
  }

  struct Settings: Sendable {
    var isArchived = false
    var mayPush = true
    /// What `/immutable-releases` answers.
    var immutability = (status: 404, body: "{}")
    var tellsDigests = true
    var tellsLinks = true
    /// Where uploads go instead of to this server.
    var uploads: String?
    /// The last so many bytes of the next upload get lost.
    var lostBytes = 0
  }

  fileprivate struct Fault {
    let method: HTTPMethod
    let path: String
    let course: LoopbackServer.Course
  }

  fileprivate struct State {
    var releases = ["Update": Release(id: 1), "App": Release(id: 2)]
    var settings = Settings()
    var faults: [Fault] = []
    var lastID = 100
    var base = ""
    var other = ""
  }

  private let state = Mutex(State())

  func begin(at base: String, other: String) {
    state.withLock { state in
      state.base = base
      state.other = other
    }
  }

  func set(_ change: @Sendable (inout Settings) -> Void) { state.withLock { change(&$0.settings) } }
  func set(_ tag: String, _ release: Release?) { state.withLock { $0.releases[tag] = release } }

  /// What becomes of the next requests of this kind, one after the other.
  /// - Parameter path: Something that the address holds; nothing for any address.
  func arm(_ method: HTTPMethod, _ path: String = "", _ courses: LoopbackServer.Course...) {
    state.withLock { state in
      state.faults += courses.map { Fault(method: method, path: path, course: $0) }
    }
  }

  /// Puts a file on a shelf by hand.
  @discardableResult
  func put(_ name: String, _ bytes: [UInt8], state assetState: String = "uploaded", on tag: String = "Update") -> Int {
    state.withLock { state in
      state.lastID += 1
      state.releases[tag]?.assets.append(Asset(id: state.lastID, name: name, bytes: bytes, state: assetState))
      return state.lastID
    }
  }

  func assets(_ tag: String = "Update") -> [Asset] { state.withLock { $0.releases[tag]?.assets ?? [] } }
  func names(_ tag: String = "Update") -> [String] { assets(tag).map(\.name).sorted() }

  // MARK: - Serving

  func course(_ request: LoopbackServer.Request) -> LoopbackServer.Course {
    state.withLock { state in
      let index = state.faults.firstIndex { fault in
        fault.method == request.method && (fault.path.isEmpty || request.uri.contains(fault.path))
      }
      return index.map { state.faults.remove(at: $0).course } ?? .served
    }
  }

  func serve(_ request: LoopbackServer.Request) -> LoopbackServer.Answer {
    if request.path.hasPrefix("/signed/") { return signed(request) }
    guard request.headers.first(name: "authorization") == "Bearer \(Self.token)" else {
      return Self.json(401, ["message": "Bad credentials"])
    }
    let prefix = "/repos/\(Self.repository)"
    let path = request.path.replacing("/uploads", with: "")
    guard path.hasPrefix(prefix) else { return Self.notFound }
    let parts = path.dropFirst(prefix.count).split(separator: "/").map(String.init)
    return state.withLock { state in
      switch (request.method, parts.count) {
      case (.GET, 0): return Self.shown(state.settings)
      case (.GET, 1) where parts[0] == "immutable-releases":
        return Self.json(state.settings.immutability.status, text: state.settings.immutability.body)
      case (.GET, 1): return Self.json(200, state.releases.map { state.shown($0.key, $0.value) })
      case (.GET, 3) where parts[1] == "tags":
        guard let release = state.releases[parts[2]], !release.isDraft else { return Self.notFound }
        return Self.json(200, state.shown(parts[2], release))
      case (.GET, 3) where parts[1] == "assets":
        guard let asset = state.asset(Int(parts[2]) ?? 0) else { return Self.notFound }
        return LoopbackServer.Answer(
          status: 302, headers: [("location", "\(state.other)/signed/\(asset.id)?sig=s3cret")])
      case (.GET, 3): return state.list(Int(parts[1]) ?? 0, request)
      case (.POST, 3): return state.add(Int(parts[1]) ?? 0, request)
      case (.PATCH, 3): return state.rename(Int(parts[2]) ?? 0, request)
      case (.DELETE, 3): return state.remove(Int(parts[2]) ?? 0)
      default: return Self.notFound
      }
    }
  }

  /// The store of bytes that downloads lead to: it takes no token.
  private func signed(_ request: LoopbackServer.Request) -> LoopbackServer.Answer {
    guard !request.headers.contains(name: "authorization") else {
      return Self.json(400, ["message": "a token came along"])
    }
    let id = Int(request.path.split(separator: "/").last ?? "") ?? 0
    guard let asset = state.withLock({ $0.asset(id) }) else { return Self.notFound }
    return LoopbackServer.Answer(body: ByteBuffer(bytes: asset.bytes))
  }

  static let notFound = json(404, ["message": "Not Found"])

  static func json(_ status: Int, _ value: Any, _ headers: [(String, String)] = []) -> LoopbackServer.Answer {
    let bytes = (try? JSONSerialization.data(withJSONObject: value)).map { Array($0) } ?? []
    return LoopbackServer.Answer(status: status, headers: headers, body: ByteBuffer(bytes: bytes))
  }

  static func json(_ status: Int, text: String) -> LoopbackServer.Answer {
    LoopbackServer.Answer(status: status, body: ByteBuffer(string: text))
  }

  private static func shown(_ settings: Settings) -> LoopbackServer.Answer {
    json(200, ["archived": settings.isArchived, "permissions": ["push": settings.mayPush, "pull": true]])
  }
}

extension FakeGitHub.State {
  fileprivate func shown(_ tag: String, _ release: FakeGitHub.Release) -> [String: Any] {
    [
      "id": release.id, "tag_name": tag, "draft": release.isDraft, "immutable": release.isImmutable,
      "upload_url":
        "\(settings.uploads ?? base)/uploads/repos/\(FakeGitHub.repository)/releases/\(release.id)/assets{?name,label}",
    ]
  }

  fileprivate func shown(_ asset: FakeGitHub.Asset) -> [String: Any] {
    [
      "id": asset.id, "name": asset.name, "state": asset.state, "size": asset.bytes.count,
      "updated_at": "2026-03-05T07:08:09Z",
      "digest": settings.tellsDigests ? "sha256:\(sha256(asset.bytes))" : NSNull(),
    ]
  }

  fileprivate func asset(_ id: Int) -> FakeGitHub.Asset? {
    releases.values.flatMap(\.assets).first { $0.id == id && $0.state == "uploaded" }
  }

  fileprivate func list(_ id: Int, _ request: LoopbackServer.Request) -> LoopbackServer.Answer {
    let query = URLComponents(string: request.uri)?.queryItems ?? []
    func number(_ name: String) -> Int { query.first { $0.name == name }?.value.flatMap { Int($0) } ?? 1 }
    let all = releases.values.first { $0.id == id }?.assets ?? []
    let (size, page) = (number("per_page"), number("page"))
    let hasMore = size * page < all.count
    let link =
      settings.tellsLinks
      ? [("link", hasMore ? "<\(base)/x?page=\(page + 1)>; rel=\"next\"" : "<x>; rel=\"first\"")] : []
    return FakeGitHub.json(200, all.dropFirst(size * (page - 1)).prefix(size).map { shown($0) }, link)
  }

  fileprivate mutating func add(_ id: Int, _ request: LoopbackServer.Request) -> LoopbackServer.Answer {
    let name = URLComponents(string: request.uri)?.queryItems?.first { $0.name == "name" }?.value ?? ""
    guard let tag = releases.first(where: { $0.value.id == id })?.key else { return FakeGitHub.notFound }
    guard !isTaken(name, in: releases[tag]) else { return Self.taken }
    lastID += 1
    let bytes = Array(request.body.readableBytesView).dropLast(settings.lostBytes)
    settings.lostBytes = 0
    let asset = FakeGitHub.Asset(id: lastID, name: name, bytes: Array(bytes))
    releases[tag]?.assets.append(asset)
    return FakeGitHub.json(201, shown(asset))
  }

  fileprivate mutating func rename(_ id: Int, _ request: LoopbackServer.Request) -> LoopbackServer.Answer {
    let json = try? JSONSerialization.jsonObject(with: Data(request.body.readableBytesView)) as? [String: String]
    guard let name = json?["name"], let (tag, index) = place(id) else { return FakeGitHub.notFound }
    guard releases[tag]?.assets[index].name == name || !isTaken(name, in: releases[tag]) else { return Self.taken }
    releases[tag]?.assets[index].name = name
    return FakeGitHub.json(200, (releases[tag]?.assets[index]).map { shown($0) } ?? [:])
  }

  fileprivate mutating func remove(_ id: Int) -> LoopbackServer.Answer {
    guard let (tag, index) = place(id) else { return FakeGitHub.notFound }
    releases[tag]?.assets.remove(at: index)
    return LoopbackServer.Answer(status: 204)
  }

  private func place(_ id: Int) -> (tag: String, index: Int)? {
    for (tag, release) in releases {
      if let index = release.assets.firstIndex(where: { $0.id == id }) { return (tag, index) }
    }
    return nil
  }

  private func isTaken(_ name: String, in release: FakeGitHub.Release?) -> Bool {
    release?.assets.contains { $0.name == name } == true
  }

  private static let taken = FakeGitHub.json(
    422,
    [
      "message": "Validation Failed",
      "errors": [["resource": "ReleaseAsset", "code": "already_exists", "field": "name"]],
    ])
}
