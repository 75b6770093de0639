import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NexyCore
import NexyNetwork
import NexyObservability
import ServiceLifecycle

/// The HTTP side of the voice server: `/health`, `/status`, `/metrics`, and JSON errors for everything else.
package struct StatusListener: Service {
  /// How long a connection may say nothing.
  private static let idleLimit = TimeAmount.seconds(60)

  private let address: (host: String, port: Int)
  private let pages: StatusPages
  private let log: DecisionLog
  private let onListening: @Sendable (Int) -> Void

  /// - Parameters:
  ///   - port: 0 takes any free port.
  ///   - onListening: Told the real port once clients can connect.
  package init(
    host: String, port: Int, facts: ServerFacts, log: DecisionLog, onListening: @escaping @Sendable (Int) -> Void
  ) {
    address = (host, port)
    pages = StatusPages(facts: facts)
    self.log = log
    self.onListening = onListening
  }

  /// Listens until a graceful shutdown, or until its task is cancelled.
  ///
  /// - Throws: `NexyError` with code `portBusy` or `cannotListen`.
  package func run() async throws {
    let application = Application(
      router: Self.router(pages),
      server: .http1(
        configuration: .init(additionalChannelHandlers: [LateConnectionHandler()], idleTimeout: Self.idleLimit)),
      configuration: ApplicationConfiguration(
        address: .hostname(address.host, port: address.port), serverName: "nexy"),
      onServerRunning: { channel in onListening(channel.localAddress?.port ?? 0) },
      logger: log.logger(label: "http", level: .critical))
    do {
      try await application.run()
    } catch {
      throw PortHolder.listenError(service: "HTTP", setting: "HTTP", host: address.host, port: address.port, error)
    }
  }

  private static let forwardingHeaders = ["forwarded", "x-forwarded-for", "x-real-ip"].map { HTTPField.Name($0)! }

  static func router(_ pages: StatusPages) -> Router<PeerContext> {
    let router = Router(context: PeerContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: JSONErrors(known: ["/", "/health", "/status", "/metrics"]))
    router.get("/health") { _, _ in try pages.health() }
    router.get("/status") { _, _ in try pages.status() }
    router.get("/metrics") { request, context in
      try pages.metrics(for: context.peer, isForwarded: forwardingHeaders.contains { request.headers[$0] != nil })
    }
    router.get("/") { _, _ in pages.root() }
    return router
  }
}

/// A request and who sent it.
struct PeerContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let peer: SocketAddress?

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    peer = source.channel.remoteAddress
  }
}

/// Answers what no route takes: 405 where the path exists, else 404; always as JSON.
private struct JSONErrors<Context: RequestContext>: RouterMiddleware {
  let known: Set<String>

  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let error as HTTPError where error.status == .notFound {
      if known.contains(request.uri.path) {
        return try JSONAnswer.make(
          JSONAnswer.Failure(error: "Only GET and HEAD are allowed here."), status: .methodNotAllowed,
          headers: [.allow: "GET, HEAD"])
      }
      return try JSONAnswer.make(
        JSONAnswer.Failure(error: "There is no such page; try /health or /status."), status: .notFound)
    } catch let error as HTTPError {
      return try JSONAnswer.make(JSONAnswer.Failure(error: error.body ?? "\(error.status)"), status: error.status)
    }
  }
}
