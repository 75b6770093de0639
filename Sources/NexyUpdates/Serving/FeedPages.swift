import HTTPTypes
import Hummingbird
import NIOCore
import NexyCore

/// Answers `GET` and `HEAD` of the feeds.
struct FeedPages: Sendable {
  /// What a request of a feed is answered with.
  enum Answer {
    case whole(ServedFeed)
    case notModified(ServedFeed)
    case refused(HTTPResponse.Status, String, HTTPFields)
  }

  let room: UpdateRoom

  func answer(_ fields: HTTPFields, of channel: Channel) -> Answer {
    guard channel == .stable || room.options.isBetaOn() else {
      return .refused(.notFound, "Beta channel is disabled", UpdateAnswer.neverKept)
    }
    let release = room.shelf.releases[channel]
    guard let feed = release.feed else {
      if channel == .beta, release.problem == nil {
        return .refused(.notFound, "No beta release is published", UpdateAnswer.neverKept)
      }
      return .refused(
        .internalServerError, "Error generating AppCast XML", UpdateAnswer.neverKept)
    }
    // A feed is small: who asks for a part of it gets the whole, as HTTP allows.
    let decision = DownloadAnswer.decide(
      fields, isHead: true, validators: .init(tag: feed.tag, modified: feed.modified),
      size: Int64(feed.bytes.readableBytes))
    switch decision {
    case .notModified: return .notModified(feed)
    case .preconditionFailed:
      return .refused(.preconditionFailed, "The feed is not the one that the request names", [:])
    case .whole, .part, .unsatisfiable: return .whole(feed)
    }
  }

  func respond(to request: Request, of channel: Channel) -> Response {
    switch answer(request.headers, of: channel) {
    case .whole(let feed): Response(status: .ok, headers: feed.fields, body: .init(byteBuffer: feed.bytes))
    case .notModified(let feed): Response(status: .notModified, headers: feed.unchangedFields)
    case .refused(let status, let text, let fields): UpdateAnswer.failure(request, status, text, fields)
    }
  }
}
