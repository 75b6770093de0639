import NexyCore
import NexyUpdates

/// What a channel's clients are told now.
enum PublicFeed: Sendable, Equatable {
  case shows(version: String?, build: String?)
  /// It names no release.
  case empty
  case status(Int)
  case unreachable(String)

  var words: String {
    switch self {
    case .shows(_, let build): "shows \(build ?? "no release")"
    case .empty: "shows no release"
    case .status(let status): "answers with status \(status)"
    case .unreachable(let reason): "cannot be asked: \(reason)"
    }
  }
}

extension ReleaseRoom {
  private static let longestFeed = 1 << 20

  func feedAddress(_ channel: Channel) -> String { "\(options[channel].updatesURL)/\(channel.feedName)" }

  /// - Throws: what is no fault of the web, such as `CancellationError`.
  func feed(_ channel: Channel) async throws -> PublicFeed {
    do {
      let answer = try await web.get(feedAddress(channel), limit: Self.longestFeed)
      guard answer.status == 200 else { return .status(answer.status) }
      guard let item = (try? FeedReader().feed(from: answer.body))?.items.first else { return .empty }
      return .shows(
        version: item.attribute("sparkle:shortVersionString"), build: item.attribute("sparkle:version"))
    } catch let error as NexyError { return .unreachable(error.message) }
  }
}
