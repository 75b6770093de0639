/// What a provider that is no provider, or not itself, answers.
enum ProviderLie: String, Sendable, CaseIterable {
  /// A page for people, with 200.
  case page
  /// An event whose JSON breaks off.
  case brokenJSON
  /// 500.
  case error
  /// 429.
  case quota

  /// Stands in every lie, and never in an answer.
  static let mark = "nexy-check-lie"

  /// The whole HTTP answer, byte for byte.
  var answer: String {
    switch self {
    case .page: Self.answer("200 OK", "text/html", "<!doctype html><html><body><h1>\(Self.mark)</h1></body></html>")
    case .brokenJSON:
      Self.answer("200 OK", "text/event-stream", "data: {\"choices\":[{\"delta\":{\"content\":\"\(Self.mark)\n\n")
    case .error:
      Self.answer(
        "500 Internal Server Error", "application/json",
        #"{"error":{"message":"\#(Self.mark)","type":"server_error","param":null,"code":null}}"#)
    case .quota:
      Self.answer(
        "429 Too Many Requests", "application/json",
        #"{"error":{"message":"\#(Self.mark)","type":"requests","param":null,"code":"rate_limit_exceeded"}}"#)
    }
  }

  private static func answer(_ status: String, _ type: String, _ body: String) -> String {
    "HTTP/1.1 \(status)\r\ncontent-type: \(type)\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)"
  }
}
