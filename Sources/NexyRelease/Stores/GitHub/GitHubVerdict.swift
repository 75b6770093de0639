import NIOHTTP1
import NexyUpdates

/// What an answer of GitHub's API means for who asked.
enum GitHubVerdict: Equatable {
  case success
  /// Nothing is there, or nothing that this token may see.
  case missing
  /// A rate limit: not before this time has passed.
  case limited(Limit, wait: Duration)
  /// GitHub itself failed; it may go better later, and not before `wait` where it says so.
  case failing(wait: Duration?)
  /// Another file of the release has the name.
  case nameTaken
  case refused(Refusal)

  enum Limit: String { case primary, secondary }

  enum Refusal: Equatable {
    /// 401: no token, or not a valid one.
    case token
    /// 403: the token may not do that.
    case right
    /// A redirect: the repository has another name now.
    case moved
    case other
  }

  private static let shortestSecondary: Int64 = 60
  /// No longer than a day is believed.
  private static let longest: Int64 = 86_400

  /// By the rules for limits (https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api and
  /// https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api): `retry-after` counts first,
  /// then `x-ratelimit-reset` where nothing remains, else at least a minute, and twice as long each time.
  ///
  /// - Parameters:
  ///   - repeats: How many limits came in a row before this answer.
  ///   - now: Seconds since 1970, for an answer that has no date of its own.
  static func of(_ answer: GitHubAnswer, repeats: Int = 0, now: Int64) -> Self {
    switch answer.status {
    case 200..<300: .success
    case 300..<400: .refused(.moved)
    case 401: .refused(.token)
    case 403, 429: limit(answer, repeats: repeats, now: now) ?? .refused(.right)
    case 404, 410: .missing
    case 408, 500...: .failing(wait: seconds(answer.headers, "retry-after").map { .seconds($0) })
    case 422 where answer.fault.details.contains { $0.code == "already_exists" }: .nameTaken
    default: .refused(.other)
    }
  }

  private static func limit(_ answer: GitHubAnswer, repeats: Int, now: Int64) -> Self? {
    let doubled = min(shortestSecondary << Int64(min(repeats, 10)), longest)
    if let asked = seconds(answer.headers, "retry-after") {
      return .limited(.secondary, wait: .seconds(repeats == 0 ? max(asked, 1) : max(asked, doubled)))
    }
    if answer.headers.first(name: "x-ratelimit-remaining") == "0",
      let reset = answer.headers.first(name: "x-ratelimit-reset").flatMap({ Int64($0) })
    {
      // The answer's own date, so that no clock has to be right; a second more, because both are cut to seconds.
      let sent = answer.headers.first(name: "date").flatMap(HTTPDate.seconds) ?? now
      return .limited(.primary, wait: .seconds(min(max(reset - sent, 0), longest) + 1))
    }
    let message = answer.fault.message?.lowercased() ?? ""
    guard answer.status == 429 || message.contains("secondary rate limit") || message.contains("abuse detection")
    else { return nil }
    return .limited(.secondary, wait: .seconds(doubled))
  }

  private static func seconds(_ headers: HTTPHeaders, _ name: String) -> Int64? {
    guard let seconds = headers.first(name: name).flatMap({ Int64($0) }), seconds >= 0 else { return nil }
    return min(seconds, longest)
  }
}
