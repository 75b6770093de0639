import ArgumentParser
import NexyChecks
import NexyCore

/// Where the listeners are, and what of their certificates is believed.
struct CheckTargetOptions: ParsableArguments {
  @Option(help: "The port of /health and /status.") var httpPort: Int?
  @Option(help: "The port of the update server.") var updatesPort: Int?
  @Option(help: "auto, on or off.") var tls: TargetWish.Security = .auto
  @Option(help: "PEM: the authorities to believe, instead of the system's.") var ca: String?
  @Option(help: "PEM: the one certificate that the ports must show, whatever its name and days.") var pin: String?
  @Flag(help: "Believe any certificate; its names and days are still looked at.") var insecure = false

  func validate() throws {
    guard [ca != nil, pin != nil, insecure].count(where: { $0 }) <= 1 else {
      throw ValidationError("Give one of --ca, --pin and --insecure.")
    }
    do { try trust.check() } catch let error as NexyError { throw ValidationError(error.message) }
  }

  func wish(host: String, port: Int) -> TargetWish {
    TargetWish(
      host: host, port: port, healthPort: httpPort, updatesPort: updatesPort, security: tls, trust: trust)
  }

  private var trust: TLSTrust {
    if let ca { return .authorities(path: ca) }
    if let pin { return .pinned(path: pin) }
    return insecure ? .anything : .system
  }
}

extension TargetWish.Security: ExpressibleByArgument {}
