/// Spreads the pieces of a download over time. A client that was slow for a while gets no burst afterwards.
struct DownloadPace {
  /// Bytes a second; 0 for no limit.
  let rate: Int
  private var next = Duration.zero

  init(rate: Int) { self.rate = rate }

  /// The piece to send at once, so that a slow rate does not come in lumps of seconds.
  func pieceBytes(upTo chunk: Int) -> Int { rate > 0 ? min(chunk, max(4096, rate / 4)) : chunk }

  /// How long to wait before a piece is sent.
  ///
  /// - Parameter now: Since the download began.
  mutating func wait(before bytes: Int, now: Duration) -> Duration {
    guard rate > 0 else { return .zero }
    let start = max(next, now)
    next = start + .seconds(bytes) / rate
    return start - now
  }
}
