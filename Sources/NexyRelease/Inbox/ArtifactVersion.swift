import NexyCore
import NexyUpdates

/// Which version an artifact really carries, as its own bytes say.
///
/// Of a disk image or a zip it is that of the application in it; of a package, that of the application which it installs,
/// else its own.
package enum ArtifactVersion: Sendable, Equatable {
  /// `CFBundleVersion` and `CFBundleShortVersionString`.
  case known(build: String, version: String)
  /// Why nobody knows; a sentence that names what to do.
  case unknown(String)

  /// Looks into a file; nothing is written to disk.
  /// - Parameter name: What it is called, where its path does not end in `.dmg`, `.pkg` or `.zip`.
  /// - Throws: `CancellationError` alone.
  package static func read(
    _ path: String, named name: String? = nil, with programs: any ProgramRunner = InstalledPrograms()
  ) async throws -> ArtifactVersion {
    guard let kind = ArtifactKind(path: name ?? path) else { return .unknown("\(path) is no .dmg, .pkg or .zip.") }
    let name = kind == .pkg ? "PackageInfo" : "Info.plist"
    for tool in ArchiveTool.candidates(for: kind) {
      let reader = ArchiveReader(path: path, kind: kind, tool: tool, programs: programs)
      do throws(ArchiveReader.Failure) {
        let members = try await reader.members(named: name)
        return kind == .pkg ? try await ofPackage(members, reader) : try await ofApplication(members, reader)
      } catch {
        switch error {
        case .notInstalled: continue
        case .unreadable(let reason): return .unknown(reason)
        case .cancelled: throw CancellationError()
        }
      }
    }
    return .unknown("No program here reads a .\(kind.rawValue). Install 7-Zip (Debian: 7zip, Homebrew: sevenzip).")
  }

  // MARK: - Applications

  private static func ofApplication(
    _ members: [String], _ reader: ArchiveReader
  ) async throws(ArchiveReader.Failure) -> ArtifactVersion {
    let applications = members.filter { $0.hasSuffix(".app/Contents/Info.plist") }
    guard let depth = applications.map(Self.depth).min() else {
      return .unknown("\(reader.path) holds no application with an Info.plist.")
    }
    // Applications inside the application are deeper.
    let outermost = applications.filter { Self.depth($0) == depth }
    guard outermost.count == 1 else {
      return .unknown("\(reader.path) holds \(outermost.count) applications, so which version it carries is not said.")
    }
    guard let info = BundleInfo(plist: try await reader.bytes(of: outermost[0])) else {
      return .unknown("\(outermost[0]) in \(reader.path) names no CFBundleVersion and CFBundleShortVersionString.")
    }
    return .known(build: info.build, version: info.version)
  }

  // MARK: - Packages

  /// A package of packages has few; more would only keep us busy.
  private static let mostPackages = 16

  private static func ofPackage(
    _ members: [String], _ reader: ArchiveReader
  ) async throws(ArchiveReader.Failure) -> ArtifactVersion {
    var own: [ArtifactVersion] = []
    for member in members.filter({ Self.depth($0) <= 2 }).sorted().prefix(mostPackages) {
      guard let info = PackageInfo(xml: try await reader.bytes(of: member)) else { continue }
      if let application = info.application { return .known(build: application.build, version: application.version) }
      if let version = info.version { own.append(.known(build: version, version: version)) }
    }
    return own.count == 1 ? own[0] : .unknown("\(reader.path) holds no PackageInfo that names one version.")
  }

  private static func depth(_ member: String) -> Int { member.split(separator: "/").count }
}

extension ArtifactVersion {
  /// What is wrong when this is to be released as a version and a build; nil when they agree.
  /// - Parameter file: as it is told, such as `Nexy.dmg`.
  package func finding(for file: String, version: ReleaseVersion, build: ReleaseVersion) -> Finding? {
    switch self {
    case .unknown(let reason):
      return Finding(
        .ignored, "artifact-version-unknown", at: file, "Nobody checked which version it carries: \(reason)",
        remedy: "Make sure that it is \(version) (\(build)).")
    case .known(let carriedBuild, let carriedVersion):
      if ReleaseVersion(carriedBuild) == build, ReleaseVersion(carriedVersion) == version { return nil }
      return Finding(
        .rejected, "artifact-version", at: file,
        "It carries \(carriedVersion) (\(carriedBuild)) and would be released as \(version) (\(build)): clients would update for ever, or never.",
        remedy: "Put the file of that version there, or publish it as the version that it carries.")
    }
  }
}
