import NIOCore

/// Runs a task on the event loop of its connection.
///
/// A write is then known to the socket when it returns. From any other thread it is only queued for the loop, and a
/// busy loop learns of many writes before the first of them can say that the socket is full: bodies would pile up in
/// memory. Nothing that blocks may run here.
package final class EventLoopExecutor: TaskExecutor {
  private let loop: any EventLoop

  package init(_ loop: any EventLoop) { self.loop = loop }

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
