import ArgumentParser
import Foundation
import NexyConfig
import NexyCore
import NexyUpdates

/// `nexy updates`: keys, signatures, feeds and manifests of the client's releases.
struct UpdatesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "updates", abstract: "Keys, signatures, feeds and manifests of the client's releases.",
    subcommands: [
      UpdatesKeygen.self, UpdatesSign.self, UpdatesVerify.self, UpdatesLint.self, UpdatesSimulate.self,
      UpdatesManifest.self,
    ])
}

extension Channel: ExpressibleByArgument {}

/// What the commands of updates read.
enum UpdateInput {
  private static let limit = 1 << 20

  /// A whole small file, or standard input for `-`.
  static func bytes(_ path: String) throws -> [UInt8] {
    let handle: FileHandle
    if path == "-" {
      handle = .standardInput
    } else if let file = FileHandle(forReadingAtPath: path) {
      handle = file
    } else {
      throw NexyError(.fileNotRead, "\(path) could not be opened. Check the path.")
    }
    defer { if path != "-" { try? handle.close() } }
    var data = Data()
    do {
      while data.count <= limit, let more = try handle.read(upToCount: limit + 1 - data.count), !more.isEmpty {
        data += more
      }
    } catch {
      throw NexyError(.fileNotRead, "\(path) could not be read. Give a feed or a manifest.", cause: error)
    }
    guard data.count <= limit else {
      throw NexyError(.fileTooLarge, "\(path) is larger than \(limit) bytes. Give a feed or a manifest.")
    }
    return Array(data)
  }

  /// The private key in a file that only its owner reads, or on standard input for `-`.
  static func privateKey(_ path: String) throws -> SparklePrivateKey {
    path == "-" ? try PrivateKeyFile.read(standardInput: bytes("-")) : try PrivateKeyFile.read(path)
  }

  static func manifest(_ path: String, rules: ManifestRules) throws -> Manifest {
    let (manifest, findings) = Manifest.reading(try bytes(path), rules: rules)
    if let manifest { return manifest }
    throw NexyError(
      .manifestRefused, "\(path) is no good manifest:\n  " + findings.map(\.description).joined(separator: "\n  "))
  }
}

/// What is printed of findings, and what a command comes to.
enum FindingReport {
  /// - Throws: Exit status 1 when clients reject or misread something.
  static func end(_ findings: [Finding], json: Bool, good: String) throws {
    if json {
      try Terminal.json(findings)
    } else {
      for finding in findings { Terminal.print(finding.description.printable) }
      if findings.isEmpty { Terminal.print(good) }
    }
    if findings.contains(where: { $0.effect != .ignored }) { throw ExitCode.failure }
  }
}

/// Hosts that releases may come from, as the settings have them.
struct UpdateRules: ParsableArguments {
  @Option(help: "Hosts that a release may be downloaded from, with commas; the settings' by default.")
  var allowedHosts: String?

  @OptionGroup var flags: SettingsFlags

  func rules() throws -> ManifestRules {
    if let allowedHosts {
      return ManifestRules(allowedHosts: allowedHosts.split(separator: ",").map { String($0).trimmed.lowercased() })
    }
    return UpdateAssembly.rules(try flags.load())
  }
}
