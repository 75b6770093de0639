import NexyCore
import Subprocess
import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A server as a child process, ended with all that it started when its scope is left.
final class ServerProcess: Sendable {
  private struct State {
    /// While its number is its own.
    var number: pid_t?
    var output = ""
    var status: TerminationStatus?
    var failure: String?
  }

  private static let longestOutput = 16 << 10

  private let state = Mutex(State())

  /// Starts a server and waits until it is ready.
  /// - Parameters:
  ///   - body: Given the process, where it listens, and how long it took to be ready.
  /// - Throws: `NexyError` with code `serverNotReady`; what `body` throws.
  static func with<Value: Sendable>(
    _ plan: ServerPlan, _ body: (ServerProcess, CheckTarget, Duration) async throws -> Value
  ) async throws -> Value {
    let process = ServerProcess()
    return try await withThrowingTaskGroup(of: Void.self) { group in
      let began = ContinuousClock.now
      group.addTask { await process.run(plan.serving) }
      defer { group.cancelAll() }
      let target = try await process.ready()
      return try await body(process, target, ContinuousClock.now - began)
    }
  }

  /// Its number while it runs.
  var number: Int32? { state.withLock { $0.number } }

  /// How it ended; nil while it runs.
  var status: TerminationStatus? { state.withLock { $0.status } }

  /// - Parameter group: Whether to all that it started as well.
  func send(_ signal: Signal, toGroup group: Bool = false) {
    state.withLock { state in
      guard let number = state.number else { return }
      _ = kill(group ? -number : number, signal.rawValue)
    }
  }

  /// Waits until it ends.
  /// - Throws: `NexyError` with code `tookTooLong`.
  func exit(within limit: Duration) async throws -> TerminationStatus {
    try await Patience.until(limit, what: "the process still runs") { self.status }
  }

  private func run(_ configuration: Subprocess.Configuration) async {
    do {
      let result = try await Subprocess.run(
        configuration, input: .none, output: .sequence, error: .combinedWithOutput
      ) { execution in
        state.withLock { $0.number = execution.processIdentifier.value }
        // It ends when the child does; what it was told by then is all there is.
        var pieces = execution.standardOutput.makeAsyncIterator()
        while let piece = try? await pieces.next() {
          hear(piece.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
        }
        // What a wrapper left behind.
        state.withLock { state in
          if let number = state.number { _ = kill(-number, SIGKILL) }
          state.number = nil
        }
      }
      state.withLock { $0.status = result.terminationStatus }
    } catch {
      state.withLock { $0.failure = "\(error)" }
    }
  }

  private func hear(_ text: String) {
    state.withLock { state in
      state.output += text
      if state.output.utf8.count > Self.longestOutput {
        state.output = String(state.output.suffix(Self.longestOutput / 4))
      }
    }
  }

  private func ready() async throws -> CheckTarget {
    let end = ContinuousClock.now + ChaosTimes.ready
    let target = try await Patience.until(ChaosTimes.ready, what: "the server did not get ready") { try self.target() }
    return try await WebLine.with(target, patience: ChaosTimes.page) { web in
      try await Patience.until(end - .now, what: "the server did not get healthy") {
        let page = try? await web.get(target.address(target.health, "/health")).object
        return page?.isTrue("ready") == true ? target : nil
      }
    }
  }

  /// Where it listens, once it said so.
  /// - Throws: `NexyError` with code `serverNotReady` when it ended before.
  private func target() throws -> CheckTarget? {
    let (output, status, failure) = state.withLock { ($0.output, $0.status, $0.failure) }
    if let voice = output.firstMatch(of: #/voice +127\.0\.0\.1:(\d+) /#), let voicePort = Int(voice.1),
      let health = output.firstMatch(of: #/health +http://127\.0\.0\.1:(\d+)/health/#), let healthPort = Int(health.1)
    {
      return .plain(voice: voicePort, health: healthPort)
    }
    if let failure { throw NexyError(.serverNotReady, "the server could not be started: \(failure)") }
    guard let status else { return nil }
    throw NexyError(
      .serverNotReady, "the server ended (\(status)) before it was ready: \(output.suffix(200))")
  }
}

extension CheckTarget {
  /// A server on loopback, without TLS and without updates.
  static func plain(voice: Int, health: Int) -> CheckTarget {
    CheckTarget(
      host: "127.0.0.1", voice: Listener(port: voice, isSecure: false), health: Listener(port: health, isSecure: false),
      updates: Listener(port: health, isSecure: false), trust: .system, certificate: nil, refusal: nil)
  }
}

extension NexyError.Code {
  /// A server that the check started did not start.
  static let serverNotReady = Self("server_not_ready")
}
