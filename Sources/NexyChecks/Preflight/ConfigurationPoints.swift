import Foundation

/// The settings as the server would load them; what is looked at was read by the command, which knows all of them.
enum ConfigurationPoints {
  static func look(_ run: CheckRun, _ configuration: PreflightSettings.Configuration, isHere: Bool) {
    let rows: [(CheckPoint, String, Sight)] = [
      (.preflightLoads, "a start without refusal", loads(configuration)),
      (.preflightPlaceholders, "none", placeholders(configuration)),
      (.preflightPrivate, "no rights for others", secrecy(configuration.files)),
      (.preflightPrograms, "all that the settings need", programs(configuration)),
    ]
    for (point, expected, sight) in rows {
      run.record(
        point, expecting: expected,
        isHere ? sight : .skipped("\(run.target.host) is not this machine: its settings are there"))
    }
  }

  static func loads(_ configuration: PreflightSettings.Configuration) -> Sight {
    if let problem = configuration.problem { return .bad(problem) }
    let files = configuration.files.isEmpty ? "defaults alone" : configuration.files.joined(separator: ", ")
    return .good(([files] + configuration.warnings).joined(separator: "; "))
  }

  static func placeholders(_ configuration: PreflightSettings.Configuration) -> Sight {
    if configuration.problem != nil { return .skipped("the settings cannot be read") }
    return .of(configuration.placeholders.map { "\($0) holds a placeholder" }, otherwise: "none")
  }

  static func programs(_ configuration: PreflightSettings.Configuration) -> Sight {
    if configuration.problem != nil { return .skipped("the settings cannot be read") }
    let told = configuration.programs.compactMap(\.path)
    return .of(
      configuration.programs.filter { $0.path == nil }.map { "\($0.name) was not found" },
      otherwise: told.isEmpty ? "none is needed" : told.joined(separator: ", "))
  }

  /// Only files that may hold keys: whatever is not YAML.
  private static func secrecy(_ files: [String]) -> Sight {
    let files = files.filter { !$0.hasSuffix(".yaml") && !$0.hasSuffix(".yml") }
    guard !files.isEmpty else { return .skipped("there is no file of keys here") }
    var faults: [String] = []
    for file in files {
      let mode = (try? FileManager.default.attributesOfItem(atPath: file)[.posixPermissions]) as? Int
      guard let mode else {
        faults.append("\(file) cannot be looked at")
        continue
      }
      if mode & 0o007 != 0 { faults.append("\(file) has mode \(String(mode, radix: 8))") }
    }
    return .of(faults, otherwise: files.joined(separator: ", "))
  }
}
