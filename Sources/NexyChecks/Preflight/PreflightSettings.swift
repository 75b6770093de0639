/// What the operator gives a preflight beside the address, and what the command knows of the server's settings.
package struct PreflightSettings: Sendable {
  /// Where a server that starts here would listen.
  package struct Ports: Sendable {
    package let voice, health, updates: Int

    package init(voice: Int, health: Int, updates: Int) {
      (self.voice, self.health, self.updates) = (voice, health, updates)
    }
  }

  /// The settings as a server that starts here would read them.
  package struct Configuration: Sendable {
    /// Why the server would not start; nil when it would.
    package var problem: String?
    /// What will not work, with the remedy.
    package var warnings: [String]
    /// Keys that hold what a template has in the place of a value, by their environment names.
    package var placeholders: [String]
    /// The files that were read, the environment file first.
    package var files: [String]
    /// Programs that the chosen providers need, each with its path, or nil where it is not found.
    package var programs: [(name: String, path: String?)]
    package var folders: [DiskNeed]
    /// The longest turn.
    package var turnLimit: Duration
    /// nil where the settings cannot be read.
    package var ports: Ports?

    package init(
      problem: String? = nil, warnings: [String] = [], placeholders: [String] = [], files: [String] = [],
      programs: [(name: String, path: String?)] = [], folders: [DiskNeed] = [], turnLimit: Duration = .seconds(300),
      ports: Ports? = nil
    ) {
      self.problem = problem
      self.warnings = warnings
      self.placeholders = placeholders
      self.files = files
      self.programs = programs
      self.folders = folders
      self.turnLimit = turnLimit
      self.ports = ports
    }
  }

  package var configuration: Configuration
  /// nginx's main file, or one that its `http` block includes.
  package var nginx: String?
  /// What its includes are relative to.
  package var nginxPrefix: String?
  /// 64 hexadecimal digits.
  package var binarySHA256: String?
  /// 64 hexadecimal digits: of the text that `sha256sum FILE…` prints for the files of settings.
  package var configurationSHA256: String?
  /// A file that an earlier run wrote.
  package var baseline: String?
  package var newBaseline: String?

  package init(
    configuration: Configuration = Configuration(), nginx: String? = nil, nginxPrefix: String? = nil,
    binarySHA256: String? = nil, configurationSHA256: String? = nil, baseline: String? = nil, newBaseline: String? = nil
  ) {
    self.configuration = configuration
    self.nginx = nginx
    self.nginxPrefix = nginxPrefix
    self.binarySHA256 = binarySHA256
    self.configurationSHA256 = configurationSHA256
    self.baseline = baseline
    self.newBaseline = newBaseline
  }
}
