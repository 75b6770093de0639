import NIOHTTP1
import NexyCore
import NexyUpdates

/// What all pages of the update server have in common, and whether its lists agree.
struct UpdatesPages: Sendable {
  let run: CheckRun
  /// Whether browsers may read them from any origin.
  let opensOrigins: Bool

  private static let missing = "/updates/nexy-check-is-not-there"
  private static let (versions, artifacts) = ("/updates/api/versions", "/updates/api/artifacts")
  private static let paths = [
    Channel.stable.feedPath, "/updates/health", "/updates/api/manifests", versions, artifacts, missing,
  ]

  func look(_ health: [String: JSONValue]?, _ manifests: [ToldManifest]) async {
    await origins()
    await lists(health, manifests)
  }

  private func origins() async {
    let wanted = opensOrigins ? "*" : nil
    await run.look(.updatesOrigins, expecting: opensOrigins ? "access-control-allow-origin: *" : "none") {
      var faults: [String] = []
      for path in Self.paths {
        let told = try await run.get(path).headers["access-control-allow-origin"]
        if told != wanted { faults.append("\(path): \(told ?? "none")") }
      }
      let asked = try await run.get(
        Self.paths[0], method: .OPTIONS,
        headers: [("origin", "https://example.org"), ("access-control-request-method", "GET")])
      let allows = asked.headers["access-control-allow-methods"]?.contains("GET") ?? false
      if allows != opensOrigins || opensOrigins && !(200...299).contains(asked.status) {
        faults.append("OPTIONS: HTTP \(asked.status), GET is \(allows ? "" : "not ")allowed")
      }
      return .of(faults, otherwise: "\(Self.paths.count) pages and OPTIONS")
    }
  }

  private func lists(_ health: [String: JSONValue]?, _ manifests: [ToldManifest]) async {
    await run.look(.updatesLists, expecting: "what health and the manifests tell") {
      let versions = try await run.get(Self.versions)
      let artifacts = try await run.get(Self.artifacts)
      guard let page = versions.object, let files = (try? JSONReader.document(artifacts.body))?.value.array else {
        return .bad("HTTP \(versions.status) and HTTP \(artifacts.status), not an object and an array")
      }
      var faults = [versions, artifacts].flatMap { answer in
        answer.faults(wantingType: "application/json") + answer.faults(wanting: WebAnswer.neverKept)
      }
      for key in ["current", "latest"] where page.text(key) != health?.text("latest_version") {
        faults.append("\(key) is \(page.text(key) ?? "missing")")
      }
      if files.count != health?.whole("artifacts_available") { faults.append("\(files.count) artifacts") }
      let told = Set(page.texts("available"))
      for manifest in manifests where !told.contains(manifest.version) { faults.append("no \(manifest.version)") }
      return .of(faults + Self.faults(files, manifests), otherwise: "\(told.count) versions, \(files.count) artifacts")
    }
  }

  /// Of a manifest's artifact that is a file of this server, size and checksum are the manifest's.
  private static func faults(_ files: [JSONValue], _ manifests: [ToldManifest]) -> [String] {
    var faults: [String] = []
    for file in files.map({ $0.object ?? [:] }) {
      guard let name = file.text("filename"), let size = file.whole("size"), file.text("url") != nil else {
        faults.append("an artifact without filename, size or url")
        continue
      }
      // Releases of several hosts may have one name.
      let named = manifests.filter { $0.url.hasSuffix("/\(name)") }
      let sum = file.text("sha256")
      let isKnown = named.contains { $0.size == Int64(size) && (sum == nil || $0.sha256 == sum) }
      if !named.isEmpty, !isKnown {
        faults.append("\(name) has \(size) bytes, SHA-256 \(sum?.prefix(12) ?? "unknown")")
      }
    }
    return faults
  }
}
