import NIOHTTP1

/// How long a provider asks to be left alone.
enum RetryDelay {
  /// A delay longer than this is as good as this one.
  private static let limit = 86_400.0

  /// From `Retry-After` in seconds (RFC 9110, 10.2.3), or OpenAI's `retry-after-ms`; a date is not read.
  static func stated(in headers: HTTPHeaders) -> Duration? {
    if let milliseconds = headers.first(name: "retry-after-ms").flatMap({ Double($0) }) {
      return duration(seconds: milliseconds / 1000)
    }
    return headers.first(name: "retry-after").flatMap { Double($0) }.flatMap(duration)
  }

  /// As `google.protobuf.Duration` is written in JSON: `36s`, `36.5s`.
  static func stated(as text: String) -> Duration? {
    guard text.hasSuffix("s") else { return nil }
    return Double(text.dropLast()).flatMap(duration)
  }

  private static func duration(seconds: Double) -> Duration? {
    guard seconds >= 0 else { return nil }
    return .milliseconds(Int64((min(seconds, limit) * 1000).rounded(.up)))
  }
}
