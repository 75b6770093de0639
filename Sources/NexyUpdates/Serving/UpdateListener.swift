import Hummingbird
import HummingbirdCore
import Logging
import ServiceLifecycle

/// The update server on its port, with the background work that it needs.
package struct UpdateListener: Service {
  /// How long a connection may say nothing; longer than a download may stand still, which ends by itself.
  private static let idleLimit = Duration.seconds(90)

  /// Connections at the same time; more wait until one is closed.
  private static let connectionLimit = 1024
  static let serverName = "nexy"

  private let room: UpdateRoom
  private let address: (host: String, port: Int)
  private let logger: Logger
  private let onListening: @Sendable (Int) -> Void
  private let onDownloadEnd: @Sendable (DownloadEnd) -> Void
  private let onFailure: @Sendable (any Error) -> Void

  /// - Parameters:
  ///   - port: 0 takes any free port.
  ///   - onListening: Told the real port once clients can connect.
  ///   - onDownloadEnd: Told of every download that was begun.
  ///   - onFailure: Told of what a client was only told to be an error.
  package init(
    room: UpdateRoom, host: String, port: Int, logger: Logger, onListening: @escaping @Sendable (Int) -> Void,
    onDownloadEnd: @escaping @Sendable (DownloadEnd) -> Void = { _ in },
    onFailure: @escaping @Sendable (any Error) -> Void
  ) {
    self.room = room
    address = (host, port)
    self.logger = logger
    self.onListening = onListening
    self.onDownloadEnd = onDownloadEnd
    self.onFailure = onFailure
  }

  /// Serves until a graceful shutdown, or until its task is cancelled.
  ///
  /// - Throws: What the system said where it cannot listen.
  package func run() async throws {
    let application = Application(
      responder: UpdateResponder(room, onDownloadEnd: onDownloadEnd, onFailure: onFailure),
      server: HTTPServerBuilder { [logger, feeds = FeedPages(room: room)] responder in
        LoopChannel(feeds: feeds, idleLimit: Self.idleLimit, logger: logger, responder: responder)
      },
      configuration: ApplicationConfiguration(
        address: .hostname(address.host, port: address.port), serverName: Self.serverName,
        availableConnectionsDelegate: MaximumAvailableConnections(Self.connectionLimit)),
      onServerRunning: { channel in onListening(channel.localAddress?.port ?? 0) }, logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await room.run() }
      group.addTask { try await application.run() }
      // The room works for as long as somebody can ask.
      try await group.next()
      group.cancelAll()
    }
  }
}
