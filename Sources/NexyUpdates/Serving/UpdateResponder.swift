import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NexyCore

/// Answers everything that clients of the update server ask, with and without `/updates` before it: so it works behind
/// a proxy that keeps the prefix, behind one that takes it off, and alone.
///
/// There are few paths and no parameters but one, so they are told apart here rather than by a router, which keeps a file's name as
/// it was sent: what is decoded twice escapes the folder.
struct UpdateResponder: HTTPResponder {
  typealias Context = UpdateContext

  private static let files = "/downloads/"

  private let room: UpdateRoom
  private let pages: UpdatePages
  private let feeds: FeedPages
  private let downloads: DownloadResponder
  private let onFailure: @Sendable (any Error) -> Void

  /// - Parameter onFailure: Told of what no client is told.
  init(
    _ room: UpdateRoom, now: @escaping @Sendable () -> Date = { Date() },
    onDownloadEnd: @escaping @Sendable (DownloadEnd) -> Void = { _ in },
    onFailure: @escaping @Sendable (any Error) -> Void
  ) {
    self.room = room
    self.onFailure = onFailure
    pages = UpdatePages(room: room, now: now)
    feeds = FeedPages(room: room)
    downloads = DownloadResponder(
      shelf: room.downloads, limits: { [limits = room.options.limits] in limits }, refusal: UpdateAnswer.failure,
      onEnd: onDownloadEnd)
  }

  func respond(to request: Request, context: Context) async throws -> Response {
    var response: Response
    do {
      response = try await answer(request, path: Self.path(of: request.uri.path), on: context.loop)
    } catch {
      onFailure(error)
      response = UpdateAnswer.failure(request, .internalServerError, "The server could not read its files", [:])
    }
    for field in room.options.originFields where response.headers[field.name] == nil { response.headers.append(field) }
    return request.method == .head ? response.createHeadResponse() : response
  }

  /// The path without the prefix of the proxy.
  static func path(of path: String) -> Substring {
    let prefix = "/updates"
    guard path.hasPrefix(prefix) else { return path[...] }
    let rest = path.dropFirst(prefix.utf8.count)
    return rest.isEmpty ? "/" : rest.first == "/" ? rest : path[...]
  }

  private func answer(
    _ request: Request, path: Substring, on loop: any EventLoop
  ) async throws -> Response {
    guard isKnown(path) else {
      return UpdateAnswer.failure(request, .notFound, "There is no such page; try /appcast.xml or /health", [:])
    }
    switch request.method {
    case .get, .head: break
    case .options: return Response(status: .noContent, headers: [.allow: "GET, HEAD, OPTIONS"])
    default:
      return UpdateAnswer.failure(
        request, .methodNotAllowed, "Only GET, HEAD and OPTIONS are allowed here", [.allow: "GET, HEAD, OPTIONS"])
    }
    switch path {
    case "/appcast.xml": return feeds.respond(to: request, of: .stable)
    case "/appcast-beta.xml": return feeds.respond(to: request, of: .beta)
    case "/health": return try await pages.health()
    case "/api/versions": return try pages.versions()
    case "/api/manifests": return try pages.manifests()
    case "/api/artifacts": return try await pages.artifacts()
    case "/": return try await pages.index()
    default: return try await downloads.respond(to: request, name: path.dropFirst(Self.files.utf8.count), on: loop)
    }
  }

  private func isKnown(_ path: Substring) -> Bool {
    switch path {
    case "/appcast.xml", "/appcast-beta.xml", "/health", "/api/versions", "/api/manifests", "/api/artifacts", "/": true
    default: path.hasPrefix(Self.files)
    }
  }
}

/// A request and the event loop of its connection.
struct UpdateContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let loop: any EventLoop

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    loop = source.channel.eventLoop
  }
}
