import NIOCore
import NexyCore
import NexyObservability
import Synchronization

/// The connections that are open: counts them, closes those that are too many, and drains them.
final class Connections: Sendable {
  private struct State {
    var listener: (any Channel)?
    var open: [ObjectIdentifier: any Channel] = [:]
    /// Whether no more are taken.
    var isDraining = false
  }

  private let limit: Int
  private let lives: ConnectionGuard.Limits
  private let metrics: ServerMetrics
  private let state = Mutex(State())

  init(limit: Int, lives: ConnectionGuard.Limits, metrics: ServerMetrics) {
    self.limit = limit
    self.lives = lives
    self.metrics = metrics
  }

  func listen(_ listener: any Channel) -> EventLoopFuture<Void> {
    state.withLock { $0.listener = listener }
    return listener.eventLoop.makeSucceededVoidFuture()
  }

  func accept(_ channel: any Channel) -> EventLoopFuture<Void> {
    let id = ObjectIdentifier(channel)
    let (count, isDraining) = state.withLock { state in
      state.open[id] = channel
      return (state.open.count, state.isDraining)
    }
    metrics.connectionOpened()
    channel.closeFuture.whenComplete { [self] _ in
      state.withLock { _ = $0.open.removeValue(forKey: id) }
      metrics.connectionClosed()
    }
    return channel.eventLoop.makeCompletedFuture { [lives, limit] in
      try channel.pipeline.syncOperations.addHandler(
        ConnectionGuard(limits: lives, isRefused: isDraining || count > limit), position: .first)
    }
  }

  /// Closes the listener now and each connection when its calls have ended, after `time` in any case.
  func drain(within time: TimeAmount) {
    let (listener, open) = state.withLock { state in
      state.isDraining = true
      return (state.listener, Array(state.open.values))
    }
    listener?.close(promise: nil)
    for channel in open {
      channel.eventLoop.execute {
        try? channel.pipeline.syncOperations.handler(type: ConnectionGuard.self).quiesce(within: time)
      }
    }
  }
}
