import ArgumentParser
import Foundation
import Logging
import NexyConfig
import NexyCore
import NexyObservability

/// `nexy serve`: runs the server until it is told to stop.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Runs the voice server until SIGTERM or SIGINT.")

  @OptionGroup var flags: SettingsFlags

  func run() async throws {
    LargeBuffers.areGivenBack()
    OpenFileLimit.raise()
    SettingsWatch.survivesHangUps()
    let assembly = try ServerAssembly(
      environment: flags.environment, load: { [flags] in try flags.load() })
    let settings = assembly.settings
    for warning in assembly.plan.warnings {
      assembly.log.record(.warning, warning, scope: .server, level: .warning)
    }
    let (grpc, http) = (settings.grpc.host, settings.http.host)
    let (model, speech) = (assembly.plan.modelNote, assembly.plan.speechNote)
    try await assembly.run { [log = assembly.log] addresses in
      let (grpcPort, httpPort) = (addresses.grpcPort ?? 0, addresses.httpPort ?? 0)
      let updates = addresses.updatesPort.map { "http://\(Self.address(settings.updates.host, $0))/updates/" } ?? "off"
      log.record(
        .initialise, "Server started", scope: .server,
        context: [
          "port": .stringConvertible(grpcPort), "http_port": .stringConvertible(httpPort),
          "updates": "\(updates)",
          "version": "\(Nexy.version)", "model": "\(model)", "voice": "\(speech)",
        ])
      Terminal.print(
        """
        Nexy \(Nexy.version) is ready.
          voice   \(Self.address(grpc, grpcPort)) (gRPC)
          health  http://\(Self.address(http, httpPort))/health
          status  http://\(Self.address(http, httpPort))/status
          metrics http://\(Self.address(http, httpPort))/metrics
          updates \(updates)
          model   \(model)
          speech  \(speech)
        Next, in another terminal:
          make say TEXT="Open Safari"\(grpcPort == 50051 ? "" : " PORT=\(grpcPort)")
        """)
    }
  }

  private static func address(_ host: String, _ port: Int) -> String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}
