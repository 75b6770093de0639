import NexyCore

/// What must hold of the machine, its settings and its nginx before a release meets users.
enum PreflightCheck {
  static func look(_ run: CheckRun, _ settings: PreflightSettings) async {
    let isHere = ThisMachine.is(run.target.host)
    ConfigurationPoints.look(run, settings.configuration, isHere: isHere)
    await machine(run, settings, isHere: isHere)
    await clock(run)
    nginx(run, settings)
  }

  private static func machine(_ run: CheckRun, _ settings: PreflightSettings, isHere: Bool) async {
    guard isHere else {
      let wanted: [CheckPoint] = settings.newBaseline == nil ? [] : [.preflightBaseline]
      for point in CheckPoint.ofThisMachine + wanted {
        run.record(point, expecting: point.title, .skipped("\(run.target.host) is not this machine: run it there"))
      }
      return
    }
    for folder in DiskNeed.Folder.allCases {
      guard let need = settings.configuration.folders.first(where: { $0.folder == folder }) else {
        let reason = settings.configuration.problem == nil ? "the settings name none" : "the settings cannot be read"
        run.record(folder.point, expecting: folder.point.title, .skipped(reason))
        continue
      }
      run.record(folder.point, expecting: need.expected, need.sight())
    }
    // On an ingress's port it is the ingress that listens.
    let port = run.target.isIngress ? settings.configuration.ports?.voice : run.target.voice.port
    let process = port.map(ListeningProcess.find) ?? .unknown
    run.record(.preflightFiles, expecting: OpenFiles.expected, OpenFiles.sight(process))
    await Checksums.look(run, settings, process)
  }

  /// Seconds: less than tokens, certificates and log lines of two machines may be apart.
  static let largestClockError = 5.0

  private static func clock(_ run: CheckRun) async {
    await run.look(.preflightClock, expecting: "the same to \(Int(largestClockError)) s") {
      let answer = try await run.web.get(run.target.address(run.target.health, "/health"))
      return ClockRule.sight(header: answer.headers["date"], now: ClockRule.now)
    }
  }

  private static func nginx(_ run: CheckRun, _ settings: PreflightSettings) {
    guard let path = settings.nginx else {
      return run.record(
        .preflightNginx, expecting: "an nginx that fits the server", .skipped("no --nginx FILE was given"))
    }
    let sites: [NginxSite]
    do {
      let configuration = NginxConfiguration(try NginxReader.tree(path, prefix: settings.nginxPrefix))
      sites = NginxSite.all(
        configuration, runtimes: runtimes(run.target, settings.configuration.ports),
        turnLimit: settings.configuration.turnLimit)
      run.record(
        .preflightNginx, expecting: "a file that nginx can read",
        .good("\(configuration.servers.count) servers, \(configuration.upstreams.count) upstreams"))
    } catch {
      let told = (error as? NexyError)?.message ?? "\(error)"
      return run.record(.preflightNginx, expecting: "a file that nginx can read", .bad(told))
    }
    run.record(
      .preflightNginxServer, expecting: "listen … ssl, with a way to Nexy",
      sites.isEmpty
        ? .bad("no server of \(path) has both") : .good(sites.map { "\($0.server.place)" }.joined(separator: ", ")))
    for rule in NginxRules.all {
      do { run.record(rule.point, expecting: rule.expected, try rule.sight(sites)) } catch {
        run.record(rule.point, expecting: rule.expected, .bad((error as? NexyError)?.message ?? "\(error)"))
      }
    }
  }

  /// The usual ports, and those of the server that is looked at where they are others; behind an ingress those of the
  /// settings.
  private static func runtimes(_ target: CheckTarget, _ settings: PreflightSettings.Ports?) -> [NginxRuntime] {
    let own =
      target.isIngress
      ? settings : .init(voice: target.voice.port, health: target.health.port, updates: target.updates.port)
    guard let own else { return NginxRuntime.known }
    let isKnown = NginxRuntime.known.contains {
      ($0.voice, $0.health, $0.updates) == (own.voice, own.health, own.updates)
    }
    let name = "this server"
    return NginxRuntime.known
      + (isKnown ? [] : [NginxRuntime(name: name, voice: own.voice, health: own.health, updates: own.updates)])
  }
}
