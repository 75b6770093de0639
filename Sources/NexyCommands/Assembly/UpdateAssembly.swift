import Foundation
import Logging
import NexyConfig
import NexyCore
import NexyObservability
import NexyServer
import NexyUpdates
import ServiceLifecycle

/// Joins settings, flags, log and metrics into the update server.
struct UpdateAssembly {
  private static let period = Duration.seconds(1)

  let room: UpdateRoom
  private let settings: Settings.Updates
  private let log: DecisionLog
  private let metrics: ServerMetrics

  /// - Returns: nil when updates are switched off.
  init?(_ all: Settings, board: FlagBoard, log: DecisionLog, metrics: ServerMetrics) {
    let settings = all.updates
    guard settings.isOn else { return nil }
    self.settings = settings
    self.log = log
    self.metrics = metrics
    room = UpdateRoom(
      UpdateOptions(
        manifests: settings.manifests, downloads: settings.downloads, publicURL: settings.publicURL,
        allowedHosts: Self.hosts(all),
        publicKey: settings.publicKey.flatMap { try? SparklePublicKey(base64: $0) },
        limits: DownloadLimits(concurrent: settings.downloadLimit, rate: settings.downloadRate),
        allowsAnyOrigin: settings.allowsAnyOrigin, isBetaOn: { board.current[.betaUpdates] },
        checkSignature: { [key = settings.publicKey] signature, path in
          guard let key else { return nil }
          return await SignatureCheck(path: path, signature: signature, publicKey: key).run()
        }))
  }

  /// Where a release may come from: the hosts that are allowed, and those of our own update servers.
  static func rules(_ settings: Settings) -> ManifestRules {
    UpdateOptions.rules(allowedHosts: hosts(settings), publicURL: settings.updates.publicURL)
  }

  private static func hosts(_ settings: Settings) -> [String] {
    let own = [settings.release.stable.updatesURL, settings.release.beta.updatesURL]
    return settings.updates.allowedHosts + own.compactMap(UpdateOptions.host)
  }

  /// The newest stable release; nil where none was ever read.
  var latest: (version: String, build: String)? {
    room.shelf.releases.stable.manifest.map { ($0.version.text, $0.build.text) }
  }

  /// The server, and the watch that logs and counts how the channels are.
  func services(onListening: @escaping @Sendable (Int) -> Void) -> [any Service] {
    [
      BackgroundWork { await watch() },
      NamedListener(
        listener: UpdateListener(
          room: room, host: settings.host, port: settings.port,
          logger: log.logger(label: "updates", level: .critical), onListening: onListening,
          onDownloadEnd: { metrics.downloaded(outcome: $0.reason.rawValue, bytes: Int($0.sent)) },
          onFailure: {
            log.record(.error, "An update request failed", scope: .update, level: .error, context: ["error": "\($0)"])
          }),
        host: settings.host, port: settings.port),
    ]
  }

  /// Tells what is new: a line for every reason that comes, and one when all is well again.
  private func watch() async {
    var told: [String] = []
    repeat {
      let report = await room.report()
      let now = Int64(Date().timeIntervalSince1970)
      metrics.updates(
        areHealthy: report.isHealthy,
        feedAges: Dictionary(
          uniqueKeysWithValues: report.channels.map { ($0.key.rawValue, Double(now - $0.value.manifest.releaseDate)) }))
      for reason in report.reasons where !told.contains(reason) {
        // A new server is nothing to warn of.
        log.record(.degrade, reason, scope: .update, level: report.isUnpublished ? .info : .warning)
      }
      if report.isHealthy, !told.isEmpty { log.record(.recover, "Updates are in order again", scope: .update) }
      told = report.reasons
    } while (try? await Task.sleep(for: Self.period)) != nil
  }
}

/// A listener whose failure to listen names who holds the port.
private struct NamedListener: Service {
  let listener: UpdateListener
  let host: String
  let port: Int

  func run() async throws {
    do {
      try await listener.run()
    } catch {
      throw PortHolder.listenError(service: "update", setting: "UPDATE", host: host, port: port, error)
    }
  }
}
