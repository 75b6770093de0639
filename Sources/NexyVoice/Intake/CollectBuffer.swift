import NexyCore
import Synchronization

/// Keeps the pieces of prompts that are still being spoken, until their COMMIT or their expiry.
package final class CollectBuffer: Sendable {
  /// How much is kept, and how long.
  package struct Limits: Sendable {
    /// Since the entry's last piece.
    package var lifetime: Duration = .seconds(30)
    /// Text of one entry.
    package var textBytes = 1 << 20
    /// Text and screenshot of one entry together: a screenshot of 10 MiB in base64, and the text.
    package var entryBytes = 15 << 20
    package var sessionsPerDevice = 4
    /// Of all devices together.
    package var entries = 1000
    /// Text and screenshots of all entries together.
    package var bytes = 256 << 20

    package init() {}
  }

  struct Entry: Sendable {
    var text = ""
    var screenshot: String?
    var screenWidth: Int?
    var screenHeight: Int?
    fileprivate var lastSequence = -1
    fileprivate var touched: Duration = .zero
    fileprivate var order: UInt64 = 0
    fileprivate var bytes: Int { text.utf8.count + (screenshot?.utf8.count ?? 0) }
  }

  private struct Key: Hashable {
    let device: DeviceID
    let session: SessionID
  }

  private struct State {
    var entries: [Key: Entry] = [:]
    var order: UInt64 = 0
    var bytes: Int { entries.values.reduce(0) { $0 + $1.bytes } }
  }

  private let limits: Limits
  private let watch: Stopwatch
  private let state = Mutex(State())

  package init(limits: Limits = Limits(), clock: any Clock<Duration> = SharedClock()) {
    self.limits = limits
    watch = Stopwatch(clock)
  }

  /// Keeps a piece; one whose sequence number was seen is dropped, and so is a text or a screenshot that would pass a
  /// limit. When there are too many entries the oldest goes.
  package func collect(_ call: StreamCall, device: DeviceID, session: SessionID) {
    state.withLock { state in
      let now = watch.elapsed
      expire(&state, now)
      let key = Key(device: device, session: session)
      var entry = state.entries[key] ?? Entry()
      guard call.chunkSequence > entry.lastSequence else { return }
      entry.lastSequence = call.chunkSequence
      let text = PromptMerge.merge(entry.text, bounded(call.chunkText ?? call.prompt))
      let screenshotBytes = entry.screenshot?.utf8.count ?? 0
      if text.utf8.count <= min(limits.textBytes, limits.entryBytes - screenshotBytes) { entry.text = text }
      if let screenshot = call.screenshot, !screenshot.isEmpty,
        entry.text.utf8.count + screenshot.utf8.count <= limits.entryBytes
      {
        entry.screenshot = screenshot
      }
      entry.screenWidth = call.screenWidth ?? entry.screenWidth
      entry.screenHeight = call.screenHeight ?? entry.screenHeight
      state.order += 1
      entry.order = state.order
      entry.touched = now
      state.entries[key] = entry
      makeRoom(&state, for: device)
    }
  }

  /// How many entries are kept now.
  var count: Int { state.withLock { $0.entries.count } }

  /// Takes what was kept for a session.
  func take(device: DeviceID, session: SessionID) -> Entry? {
    state.withLock { state in
      expire(&state, watch.elapsed)
      return state.entries.removeValue(forKey: Key(device: device, session: session))
    }
  }

  /// Drops what has expired, until it is cancelled: an idle server keeps nobody's words.
  package func sweep(clock: any Clock<Duration> = SharedClock()) async {
    while (try? await clock.sleep(for: limits.lifetime)) != nil {
      state.withLock { expire(&$0, watch.elapsed) }
    }
  }

  private func bounded(_ text: String) -> String { text.utf8.count <= limits.textBytes ? text : "" }

  private func expire(_ state: inout State, _ now: Duration) {
    guard state.entries.contains(where: { now - $0.value.touched >= limits.lifetime }) else { return }
    state.entries = state.entries.filter { now - $0.value.touched < limits.lifetime }
  }

  private func makeRoom(_ state: inout State, for device: DeviceID) {
    let own = state.entries.filter { $0.key.device == device }
    if own.count > limits.sessionsPerDevice { removeOldest(of: own, from: &state) }
    while state.entries.count > limits.entries || state.bytes > limits.bytes {
      removeOldest(of: state.entries, from: &state)
    }
  }

  private func removeOldest(of entries: [Key: Entry], from state: inout State) {
    guard let oldest = entries.min(by: { $0.value.order < $1.value.order }) else { return }
    state.entries.removeValue(forKey: oldest.key)
  }
}
