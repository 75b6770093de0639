import GRPCCore
import NexyCore
import NexyVoice
import NexyWire
import SwiftProtobuf

/// `grpc.health.v1.Health`: whether the server, and its voice service, take turns now.
struct HealthService: Grpc_Health_V1_Health.SimpleServiceProtocol {
  /// Streams that may watch at the same time.
  private static let watcherLimit = 100
  private static let services: Set<String> = ["", Streaming_StreamingService.descriptor.fullyQualifiedService]

  let health: ServerHealth

  func check(
    request: Grpc_Health_V1_HealthCheckRequest, context: ServerContext
  ) async throws -> Grpc_Health_V1_HealthCheckResponse {
    guard Self.services.contains(request.service) else {
      throw NexyError(.unknownService, "There is no such service here; the empty name asks for the whole server.")
    }
    return Self.response(Self.status(of: health.report))
  }

  func watch(
    request: Grpc_Health_V1_HealthCheckRequest, response: RPCWriter<Grpc_Health_V1_HealthCheckResponse>,
    context: ServerContext
  ) async throws {
    guard health.watcherCount < Self.watcherLimit else {
      throw NexyError(.tooManyWatchers, "\(Self.watcherLimit) clients watch already; use Check.")
    }
    let watch = health.watch()
    defer { watch.stop() }
    try await withRPCCancellationHandler {
      var last: Grpc_Health_V1_HealthCheckResponse.ServingStatus?
      for await report in watch.reports {
        let status = Self.services.contains(request.service) ? Self.status(of: report) : .serviceUnknown
        if status != last { try await response.write(Self.response(status)) }
        last = status
        if report.condition == .draining { throw NexyError.shuttingDown }
      }
      throw NexyError.clientLeft
    } onCancelRPC: {
      watch.stop()
    }
  }

  private static func status(of report: ServerHealth.Report) -> Grpc_Health_V1_HealthCheckResponse.ServingStatus {
    report.isServing ? .serving : .notServing
  }

  private static func response(
    _ status: Grpc_Health_V1_HealthCheckResponse.ServingStatus
  ) -> Grpc_Health_V1_HealthCheckResponse {
    .with { $0.status = status }
  }
}

extension NexyError.Code {
  /// A health check asks for a service that does not exist.
  static let unknownService = Self("unknown_service")
  /// More clients watch the health than may.
  static let tooManyWatchers = Self("too_many_watchers")
}
