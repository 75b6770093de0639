import Configuration
import Foundation
import NexyCore
import Yams

/// Where settings come from, the strongest first: flags, the process environment, `config.env`, `config/nexy.yaml`;
/// the staging runtime reads `config.staging.env` and `config/nexy.staging.yaml` in their place.
package struct SettingsSources: Sendable {
  /// A source's values by the names of one kind of key.
  struct Source: Sendable {
    enum Keys { case dotted, environment }
    let name: String
    let keys: Keys
    let provider: any ConfigProvider
  }

  var sources: [Source]
  /// Keys that a file holds and no setting reads, as `file: key`.
  package var unknownKeys: [String]

  /// Reads the files; a missing file counts only when it was asked for by name.
  ///
  /// - Parameters:
  ///   - flags: Values from the command line by dotted key.
  ///   - environment: The process environment.
  ///   - folder: What relative paths are relative to.
  package static func load(
    flags: [String: String] = [:], environment: [String: String], folder: String = "."
  ) throws -> SettingsSources {
    var sources = [
      Source(name: "flag", keys: .dotted, provider: Self.provider(flags, name: "flag")),
      Source(name: "environment", keys: .environment, provider: Self.environment(environment)),
    ]
    var unknown: [String] = []
    unknown += unknownSwitches(environment, in: "environment")
    let standard = runtime(environment).files
    let environmentFile = environment["NEXY_ENV_FILE"]
    if let path = try existing(environmentFile, default: standard.environment, folder: folder, key: "NEXY_ENV_FILE") {
      let values = try EnvironmentFile.parse(read(path), path: path)
      unknown += unknownSwitches(values, in: path)
      sources.append(Source(name: path, keys: .environment, provider: Self.environment(values)))
    }
    let yamlFile = environment["NEXY_CONFIG"]
    if let path = try existing(yamlFile, default: standard.yaml, folder: folder, key: "NEXY_CONFIG") {
      let values = try yamlValues(read(path), path: path)
      sources.append(Source(name: path, keys: .dotted, provider: Self.provider(values, name: path)))
      unknown += values.keys.sorted().filter { !SettingsReader.isKnown($0) }.map { "\(path): \($0)" }
    }
    return SettingsSources(sources: sources, unknownKeys: unknown)
  }

  /// The strongest source's value for a setting, as it was written.
  func lookUp(_ key: String, environmentNames: [String]) -> (value: String, source: String)? {
    for source in sources {
      let names = source.keys == .dotted ? [key] : environmentNames
      for name in names {
        let components = source.keys == .dotted ? name.split(separator: ".").map(String.init) : [name]
        let result = try? source.provider.value(forKey: AbsoluteConfigKey(components), type: .string)
        guard let content = result?.value?.content, case .string(let value) = content else { continue }
        // A key with nothing after it is how a template is shipped; it sets nothing.
        if value.allSatisfy(\.isWhitespace) { continue }
        let place = source.keys == .dotted ? source.name : "\(source.name) (\(name))"
        return (value, source.name == "flag" ? "flag --\(key.flagSpelling)" : place)
      }
    }
    return nil
  }

  /// The files that settings are read from when they exist.
  package static func files(environment: [String: String], folder: String = ".") -> [String] {
    let standard = runtime(environment).files
    return [("NEXY_ENV_FILE", standard.environment), ("NEXY_CONFIG", standard.yaml)].map { name, standard in
      path(environment[name], default: standard, folder: folder)
    }
  }

  /// The runtime whose files are read; a wrong name is refused where settings are read.
  private static func runtime(_ environment: [String: String]) -> Settings.Runtime {
    environment["NEXY_RUNTIME"].flatMap { Settings.Runtime(rawValue: $0.trimmed.lowercased()) } ?? .production
  }

  /// A kill switch that is misspelt would never be missed until it is needed.
  private static func unknownSwitches(_ values: [String: String], in place: String) -> [String] {
    let known = Set(FeatureFlag.all.map(\.environmentName))
    return values.keys.sorted().filter { $0.hasPrefix("NEXY_KS_") && !known.contains($0) }.map { "\(place): \($0)" }
  }

  private static func provider(_ values: [String: String], name: String) -> any ConfigProvider {
    let entries = values.map { key, value in
      (AbsoluteConfigKey(key.split(separator: ".").map(String.init)), ConfigValue(.string(value), isSecret: false))
    }
    return InMemoryProvider(name: name, values: Dictionary(entries) { _, last in last })
  }

  private static func environment(_ values: [String: String]) -> any ConfigProvider {
    EnvironmentVariablesProvider(environmentVariables: values)
  }

  private static func existing(
    _ value: String?, default standard: String, folder: String, key: String
  ) throws -> String? {
    let path = path(value, default: standard, folder: folder)
    if FileManager.default.fileExists(atPath: path) { return path }
    guard value?.isEmpty == false else { return nil }
    throw NexyError(.badSettings, "\(key) names \(path), which does not exist; correct the path or unset \(key).")
  }

  private static func path(_ value: String?, default standard: String, folder: String) -> String {
    let chosen = value.flatMap { $0.isEmpty ? nil : $0 } ?? standard
    return chosen.hasPrefix("/") || folder == "." ? chosen : "\(folder)/\(chosen)"
  }

  private static func read(_ path: String) throws -> String {
    do {
      return try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw NexyError(.badSettings, "\(path) could not be read as UTF-8 text; check its permissions.", cause: error)
    }
  }

  /// A YAML file's scalars by dotted key, as they are written; none for a file of comments.
  private static func yamlValues(_ text: String, path: String) throws -> [String: String] {
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch {
      throw NexyError(.badSettings, "\(path) is not valid YAML: \(Redaction.masked("\(error)"))")
    }
    switch root {
    case nil: return [:]
    case .scalar(let scalar) where scalar.string.isEmpty: return [:]
    case .mapping(let mapping): return try values(of: mapping, prefix: "", path: path)
    default: throw NexyError(.badSettings, "\(path) must hold a mapping of sections, such as grpc: {port: 50051}.")
    }
  }

  private static func values(of mapping: Node.Mapping, prefix: String, path: String) throws -> [String: String] {
    var values: [String: String] = [:]
    for (key, value) in mapping {
      let name = prefix + (key.string ?? "?")
      switch value {
      // A section whose keys are all commented out is an empty scalar.
      case .scalar(let scalar) where scalar.string.isEmpty && SettingsReader.isSection(name): continue
      case .scalar(let scalar): values[name] = scalar.string
      case .mapping(let inner): values.merge(try Self.values(of: inner, prefix: name + ".", path: path)) { $1 }
      default: throw NexyError(.badSettings, "\(path): \(name) must be a single value, not a list.")
      }
    }
    return values
  }
}

extension String {
  /// `grpc.streaming_chunk_size` as it is typed after two dashes.
  fileprivate var flagSpelling: String {
    String(map { $0 == "." || $0 == "_" ? "-" : $0 })
  }
}

extension NexyError.Code {
  /// A setting, or a file of settings, cannot be used.
  package static let badSettings = Self("bad_settings")
}
