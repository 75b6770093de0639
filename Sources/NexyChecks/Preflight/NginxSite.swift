/// The ports of one of the server's runtimes on a machine; a cutover moves an ingress from one to the other whole.
struct NginxRuntime: Sendable, Equatable {
  let name: String
  let voice: Int
  let health: Int
  let updates: Int

  static let known = [
    NginxRuntime(name: "production", voice: 50051, health: 8080, updates: 8081),
    NginxRuntime(name: "staging", voice: 50061, health: 8082, updates: 8083),
  ]
}

/// One TLS server of a configuration that leads to Nexy, and what it does with the paths that clients ask for.
struct NginxSite: Sendable {
  static let voicePaths = ["StreamAudio", "InterruptSession", "GenerateWelcomeAudio", "ReportUsage"]
    .map { "/streaming.StreamingService/\($0)" }
  static let grpcHealthPaths = ["Check", "Watch"].map { "/grpc.health.v1.Health/\($0)" }
  static let downloadPath = "/updates/downloads/Nexy.dmg"
  static let updatePaths = [
    "/updates/appcast.xml", "/updates/appcast-beta.xml", "/updates/health", downloadPath,
  ]

  let server: NginxServer
  let configuration: NginxConfiguration
  let runtimes: [NginxRuntime]
  /// The longest turn: how long a stream of the voice service may last.
  let turnLimit: Duration

  func route(_ path: String) throws -> NginxRoute { try NginxRoute(path, on: server) }

  /// Where a path goes, and what keeps that from being told.
  func backends(_ pass: NginxPass) -> [NginxPass.Backend]? { pass.backends(configuration.upstreams) }

  /// The ports that a path is passed to; nil where it is not passed on, or nobody can tell where to.
  func ports(_ path: String) throws -> [Int]? {
    guard case .passed(let pass, _) = try route(path).answer else { return nil }
    return backends(pass)?.map(\.port)
  }

  func ports(_ role: KeyPath<NginxRuntime, Int>) -> [Int] { runtimes.map { $0[keyPath: role] } }

  /// The servers with TLS that pass anything to a voice port, or to another port of a runtime.
  static func all(
    _ configuration: NginxConfiguration, runtimes: [NginxRuntime], turnLimit: Duration
  ) -> [NginxSite] {
    let ports = Set(runtimes.flatMap { [$0.voice, $0.health, $0.updates] })
    return configuration.servers.filter { server in
      !server.secureListens.isEmpty
        && passes(server.scope.here).contains { pass in
          pass.scheme.hasPrefix("grpc")
            || (pass.backends(configuration.upstreams) ?? []).contains { ports.contains($0.port) }
        }
    }.map { NginxSite(server: $0, configuration: configuration, runtimes: runtimes, turnLimit: turnLimit) }
  }

  /// Every place in a block, and in the blocks within it, from where requests are passed on.
  static func passes(_ block: [NginxDirective]) -> [NginxPass] {
    block.flatMap { directive in
      directive.name == "grpc_pass" || directive.name == "proxy_pass"
        ? [NginxPass(directive)] : passes(directive.block ?? [])
    }
  }
}
