extension CheckPoint {
  static let preflightLoads = Self(
    "preflight.configuration.loads", "The server would start with its settings",
    cause: "A value in config.env or nexy.yaml cannot be used: `nexy config check` names it.", see: .machine)
  static let preflightPlaceholders = Self(
    "preflight.configuration.placeholders", "No key is a template's",
    cause: "config.env was copied from its example and not filled in.", see: .machine)
  static let preflightPrivate = Self(
    "preflight.configuration.private", "Nobody else can read the settings",
    cause: "config.env was made with everybody's rights: chmod 640.", see: .machine)
  static let preflightPrograms = Self(
    "preflight.programs", "The programs that speak are there",
    cause: "It is not installed, or not on this PATH: apt-get install espeak-ng, or ESPEAK_BINARY.", see: .machine)
  static let preflightData = disk("data", "the server's data")
  static let preflightLog = disk("log", "the log")
  static let preflightReleases = disk("updates", "the client's releases")
  static let preflightTemporary = disk("temporary", "temporary files")
  static let preflightFiles = Self(
    "preflight.files", "The server may open enough files",
    cause: "The service has the system's 1,024: set LimitNOFILE=65536 in its unit.", see: .machine)
  static let preflightBinary = Self(
    "preflight.checksum.binary", "The binary is the released one",
    cause: "Another build is installed, or the file was changed.", see: .machine)
  static let preflightRunning = Self(
    "preflight.checksum.running", "The binary on disk is the one that runs",
    cause: "It was replaced, and the server not restarted.", see: .machine)
  static let preflightConfiguration = Self(
    "preflight.checksum.configuration", "The settings are the approved ones",
    cause: "Somebody changed config.env or nexy.yaml since.", see: .machine)
  static let preflightBaseline = Self(
    "preflight.checksum.baseline", "The checksums are kept for the next time",
    cause: "The folder of --write-baseline cannot be written.", see: .machine)
  static let preflightClock = Self(
    "preflight.clock", "The server's clock is right", cause: "Time is not synchronised: see timedatectl.",
    see: .machine)
  static let preflightNginx = Self(
    "preflight.nginx.read", "nginx's configuration can be read",
    cause: "A brace, a quotation mark or a semicolon is missing: nginx -t says the same.", see: .ingress)
  static let preflightNginxServer = Self(
    "preflight.nginx.server", "A server with TLS leads to Nexy",
    cause: "listen lacks ssl, the server passes nothing on, or it stands in another file.", see: .ingress)

  /// What can be seen on the server's own machine alone.
  static let ofThisMachine = [
    preflightData, preflightLog, preflightReleases, preflightTemporary, preflightFiles, preflightBinary,
    preflightRunning, preflightConfiguration,
  ]

  private static func disk(_ name: String, _ title: String) -> Self {
    Self(
      "preflight.disk.\(name)", "There is room for \(title)",
      cause: "Old logs, releases or another program fill the disk.",
      see: .machine)
  }
}
