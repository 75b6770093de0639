import ServiceLifecycle

/// Work beside the turns that ends, and finishes what it holds, when the server stops.
struct BackgroundWork: Service {
  let work: @Sendable () async -> Void

  init(_ work: @escaping @Sendable () async -> Void) { self.work = work }

  func run() async { await cancelWhenGracefulShutdown { await work() } }
}
