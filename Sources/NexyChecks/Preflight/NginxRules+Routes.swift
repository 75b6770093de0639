extension NginxRules {
  static let voice = NginxRule(
    "voice", "The voice service's calls reach its port", expecting: "grpc_pass grpc://… to a voice port",
    documentation: "ngx_http_grpc_module.html#grpc_pass",
    cause: "The location is missing, another one answers first, or grpc_pass names another port or TLS."
  ) { try reaches($0, NginxSite.voicePaths, \.voice, isGRPC: true) }

  static let grpcHealth = NginxRule(
    "grpc-health", "grpc.health.v1 reaches the voice port", expecting: "grpc_pass grpc://… to a voice port",
    documentation: "ngx_http_grpc_module.html#grpc_pass",
    cause: "Only the voice service has a location: add one for /grpc.health.v1.Health/, or use location /."
  ) { try reaches($0, NginxSite.grpcHealthPaths, \.voice, isGRPC: true) }

  static let health = NginxRule(
    "health", "/health reaches the health port", expecting: "proxy_pass http://… to a health port, as /health",
    documentation: "ngx_http_proxy_module.html#proxy_pass",
    cause: "The location is missing, or proxy_pass ends with a path that takes /health away."
  ) { try reaches($0, ["/health"], \.health, isGRPC: false) }

  static let status = NginxRule(
    "status", "/status reaches the health port", expecting: "proxy_pass http://… to a health port, as /status",
    documentation: "ngx_http_proxy_module.html#proxy_pass",
    cause: "The location is missing, or proxy_pass ends with a path that takes /status away."
  ) { try reaches($0, ["/status"], \.health, isGRPC: false) }

  /// With and without the prefix: the update server answers both (docs/releasing.md).
  static let updates = NginxRule(
    "updates", "/updates/ reaches the update port",
    expecting: "proxy_pass http://… to an update port, with /updates/ kept or taken off",
    documentation: "ngx_http_proxy_module.html#proxy_pass",
    cause: "The location is missing, or the slashes of location and proxy_pass do not fit each other."
  ) { try reaches($0, NginxSite.updatePaths, \.updates, isGRPC: false) }

  static let metrics = NginxRule(
    "metrics", "/metrics stays inside", expecting: "no path that the health port sees as /metrics",
    documentation: "ngx_http_proxy_module.html#proxy_pass",
    cause: "A location passes everything to the health port: pass /health and /status alone."
  ) { site in
    let ports = site.ports(\.health)
    // The path itself, and what a location's rewriting turns into it.
    let candidates =
      ["/metrics"]
      + prefixes(site.server.scope.here).compactMap { prefix, pass in
        pass.path.flatMap { "/metrics".hasPrefix($0) ? prefix + "/metrics".dropFirst($0.count) : nil }
      }
    let faults = try candidates.compactMap { candidate -> String? in
      let route = try site.route(candidate)
      guard case .passed(let pass, false) = route.answer, route.forwarded == "/metrics", !isClosed(route.scope) else {
        return nil
      }
      guard let backends = site.backends(pass) else { return "\(pass.place): \(candidate) goes nobody can tell where" }
      return backends.contains { ports.contains($0.port) } ? "\(pass.place): \(candidate) shows the metrics" : nil
    }
    return .of(faults, otherwise: "not reached")
  }

  static let straight = NginxRule(
    "straight", "Nothing stands before the routes",
    expecting: "no return, rewrite, if, try_files, deny or password on the way",
    documentation: "ngx_http_rewrite_module.html",
    cause: "A redirect, a condition or an access rule of another site was copied in."
  ) { site in
    var faults: [String] = []
    for path in ["/health", "/status"] + NginxSite.voicePaths + NginxSite.grpcHealthPaths + NginxSite.updatePaths {
      let route = try site.route(path)
      guard case .passed = route.answer else { continue }
      for directive in obstacles(route.scope) {
        let fault = "\(directive.place): \(directive.name) stands before \(path)"
        if !faults.contains(where: { $0.hasPrefix("\(directive.place): ") }) { faults.append(fault) }
      }
    }
    return .of(faults, otherwise: "the way is free")
  }

  static let runtime = NginxRule(
    "runtime", "All three ports are of one runtime",
    expecting: NginxRuntime.known.map(\.told).joined(separator: ", or "),
    documentation: "ngx_http_upstream_module.html#upstream",
    cause: "A cutover changed some of the ports: voices of one runtime with the health of the other."
  ) { site in
    let roles: [(String, KeyPath<NginxRuntime, Int>)] = [
      (NginxSite.voicePaths[0], \.voice), (NginxSite.grpcHealthPaths[0], \.voice), ("/health", \.health),
      ("/status", \.health), (NginxSite.updatePaths[0], \.updates), (NginxSite.downloadPath, \.updates),
    ]
    var fitting = site.runtimes
    var told: [String] = []
    for (path, role) in roles {
      guard let ports = try site.ports(path) else { return .cannotTell("where \(path) goes is not known") }
      for port in ports where !site.ports(role).contains(port) {
        return .cannotTell("\(path) goes to port \(port), which is of no runtime")
      }
      fitting.removeAll { runtime in ports.contains { $0 != runtime[keyPath: role] } }
      told.append("\(path) \(ports.map(String.init).joined(separator: " and "))")
    }
    return fitting.first.map { .holds($0.told) } ?? .fails(["mixed: \(told.joined(separator: ", "))"])
  }

  static let loopback = NginxRule(
    "loopback", "Requests stay on this machine", expecting: "127.0.0.1",
    documentation: "ngx_http_upstream_module.html#server",
    cause: "The server's listeners speak plain text: another machine's would be read on the way."
  ) { site in
    var faults: [String] = []
    for path in ["/health", NginxSite.voicePaths[0], NginxSite.updatePaths[0]] {
      guard case .passed(let pass, _) = try site.route(path).answer, let backends = site.backends(pass) else {
        continue
      }
      faults += backends.filter { !$0.isLoopback }.map { "\(pass.place): \(path) goes to \($0)" }
    }
    return .of(faults, otherwise: "127.0.0.1")
  }

  // MARK: - Parts

  private static func reaches(
    _ site: NginxSite, _ paths: [String], _ role: KeyPath<NginxRuntime, Int>, isGRPC: Bool
  ) throws -> NginxRule.Finding {
    var faults: [String] = []
    var told: [String] = []
    for path in paths {
      let route = try site.route(path)
      guard case .passed(let pass, let passesGRPC) = route.answer else {
        faults.append("\(path) is passed to nobody")
        continue
      }
      guard passesGRPC == isGRPC else {
        faults.append("\(pass.place): \(path) is passed by \(passesGRPC ? "grpc_pass" : "proxy_pass")")
        continue
      }
      guard pass.scheme == (isGRPC ? "grpc" : "http") else {
        faults.append("\(pass.place): \(path) goes by \(pass.scheme), and the listener speaks plain text")
        continue
      }
      guard let backends = site.backends(pass) else {
        faults.append("\(pass.place): \(pass.target) leads nobody can tell where")
        continue
      }
      let expected = site.ports(role)
      for backend in backends where !expected.contains(backend.port) {
        faults.append("\(pass.place): \(path) goes to \(backend), which is none of \(expected.told)")
      }
      let seen = pass.forwarded(path, at: route.prefix)
      if !isGRPC, seen != path, !path.hasPrefix("/updates/") || seen != path.dropFirst("/updates".count) {
        faults.append("\(pass.place): \(path) arrives as \(seen)")
      }
      told += backends.map(\.description).filter { !told.contains($0) }
    }
    return .of(
      faults.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }, otherwise: told.joined(separator: ", "))
  }

  /// Every prefix location with where it passes to.
  private static func prefixes(_ block: [NginxDirective]) -> [(String, NginxPass)] {
    block.flatMap { directive -> [(String, NginxPass)] in
      guard let location = NginxLocation(directive) else { return [] }
      var found = prefixes(location.block)
      if case .prefix(let name, _) = location.kind, let pass = location.block.first(where: { $0.name == "proxy_pass" })
      {
        found.append((name, NginxPass(pass)))
      }
      return found
    }
  }

  private static func isClosed(_ scope: NginxScope) -> Bool {
    scope.effective("internal") != nil || scope.here.contains { $0.name == "return" }
      || (scope.effectiveAll("deny").contains { $0.first == "all" })
  }

  private static func obstacles(_ scope: NginxScope) -> [NginxDirective] {
    let decides: Set<String> = ["return", "rewrite", "try_files", "internal", "deny"]
    let inside: Set<String> = ["return", "rewrite", "proxy_pass", "grpc_pass", "break", "set"]
    // The http level of a file may have rules for other servers; what it denies holds for all.
    return scope.levels.dropFirst().joined().filter { directive in
      switch directive.name {
      case "auth_basic", "auth_request": directive.first.lowercased() != "off"
      case "if": (directive.block ?? []).contains { inside.contains($0.name) }
      case "deny": directive.first == "all"
      default: decides.contains(directive.name)
      }
    }
  }
}

extension NginxRuntime {
  fileprivate var told: String { "\(name) (\(voice), \(health), \(updates))" }
}

extension [Int] {
  fileprivate var told: String { map(String.init).joined(separator: ", ") }
}
