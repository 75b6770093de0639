import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import NexyTestSupport
import NexyUpdates
import Synchronization

/// A server of one folder for one test.
struct DownloadServer: Sendable {
  let port: Int
  let responder: DownloadResponder
  let clock: VirtualClock
  let ends: Events<DownloadEnd>
  let checksums: Events<String>

  struct Setting {
    var limits = DownloadLimits()
    var chunkBytes = DownloadResponder.chunkBytes
    var isVisible: @Sendable (DownloadShelf.Item) -> Bool = { _ in true }
    /// Whether checksums are worked out.
    var hashes = false
  }

  static func run(
    _ folder: TemporaryFolder, _ setting: Setting = Setting(),
    _ use: @escaping @Sendable (DownloadServer) async throws -> Void
  ) async throws {
    let (clock, ends, checksums) = (VirtualClock(), Events<DownloadEnd>(), Events<String>())
    let files = DownloadFolder(path: folder.path)
    let ledger = ChecksumLedger(
      folder: files, now: { TemporaryFolder.settled }, onRecorded: { checksums.send($0.name) })
    let limits = setting.limits
    let responder = DownloadResponder(
      shelf: DownloadShelf(folder: files, ledger: ledger, isVisible: setting.isVisible), limits: { limits },
      chunkBytes: setting.chunkBytes, clock: clock, onEnd: { ends.send($0) })
    let application = Application(
      responder: Everything(responder: responder), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    try await withThrowingTaskGroup(of: Void.self) { group in
      if setting.hashes { group.addTask { await ledger.run() } }
      defer { group.cancelAll() }
      try await application.test(.live) { client in
        try await use(
          DownloadServer(
            port: client.port ?? 0, responder: responder, clock: clock, ends: ends, checksums: checksums))
      }
    }
  }
}

/// Hands on all of a path behind `/downloads/`, also what no router takes for one name.
private struct Everything: HTTPResponder {
  let responder: DownloadResponder

  func respond(to request: Request, context: LoopContext) async throws -> Response {
    try await responder.respond(
      to: request, name: (request.head.path ?? "").dropFirst("/downloads/".count), on: context.loop)
  }
}

/// A request and the loop of its connection.
private struct LoopContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let loop: any EventLoop

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    loop = source.channel.eventLoop
  }
}

/// What happened, to be waited for by one test.
final class Events<Event: Sendable>: Sendable {
  private let stream: AsyncStream<Event>
  private let continuation: AsyncStream<Event>.Continuation

  init() { (stream, continuation) = AsyncStream.makeStream() }

  func send(_ event: Event) { continuation.yield(event) }

  /// The next event that was not taken yet.
  func next() async -> Event? {
    var iterator = stream.makeAsyncIterator()
    return await iterator.next()
  }

  /// So many events more.
  func next(_ count: Int) async -> [Event] {
    var events: [Event] = []
    while events.count < count, let event = await next() { events.append(event) }
    return events
  }
}
