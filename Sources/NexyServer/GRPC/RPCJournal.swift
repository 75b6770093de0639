import GRPCCore
import NexyCore
import NexyObservability

/// Records every RPC once, whatever becomes of it, and translates its failure: one line when it starts, one when it
/// ends.
struct RPCJournal: ServerInterceptor {
  let log: DecisionLog
  let metrics: ServerMetrics

  func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>, context: ServerContext,
    next: @Sendable (StreamingServerRequest<Input>, ServerContext) async throws -> StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    let record = RPCRecord(
      method: context.descriptor.method, id: RequestID.next(),
      timeout: request.metadata[stringValues: "grpc-timeout"].first { _ in true }.flatMap(GRPCTimeout.duration),
      log: log, metrics: metrics)
    return await RPCRecord.$current.withValue(record) {
      do {
        let response = try await next(request, context)
        return try Self.watched(response, record)
      } catch {
        return StreamingServerResponse(error: record.fail(error))
      }
    }
  }

  /// The response whose end is told.
  private static func watched<Output: Sendable>(
    _ response: StreamingServerResponse<Output>, _ record: RPCRecord
  ) throws -> StreamingServerResponse<Output> {
    let contents = try response.accepted.get()
    return StreamingServerResponse(metadata: contents.metadata) { writer in
      try await RPCRecord.$current.withValue(record) {
        do {
          let trailers = try await contents.producer(writer)
          record.complete()
          return trailers
        } catch {
          throw record.fail(error)
        }
      }
    }
  }
}

/// Names of RPCs in the log.
enum RequestID {
  /// Twelve hexadecimal digits: unlikely enough to come twice in a log that somebody reads.
  static func next() -> String {
    let digits = String(UInt64.random(in: 0..<(1 << 48)), radix: 16)
    return String(repeating: "0", count: 12 - digits.count) + digits
  }
}
