import Foundation
import HTTPTypes
import NexyCore
import Synchronization

/// The releases in a folder of manifests: read once and on change, the last good ones kept.
///
/// Whoever asks looks at the files' stamps, at most once in a while, so that a release is served as soon as it stands
/// there and a crowd of clients costs no more reads than one. A file that is wrong, half written or gone changes nothing but
/// the problem that health tells.
package final class ReleaseShelf: Sendable {
  /// How long the stamps of files count.
  private static let patience = Duration.milliseconds(20)
  /// How long the two files of a release may disagree: they are written one after the other.
  private static let settling = Duration.seconds(2)
  private static let settlingSeconds: Int64 = 2
  /// The archive serves lists for people; a listing of the folder costs more than two stamps.
  private static let archivePatience = Duration.milliseconds(250)
  private static let archiveLimit = 1000
  private static let feedLimit = 1 << 20

  private struct State {
    var releases = Releases()
    var lookedAt: ContinuousClock.Instant?
    var archiveStamps: [String: FileStamp] = [:]
    var historyStamp: FileStamp?
    var archiveLookedAt: ContinuousClock.Instant?
    var inconsistentSince: ContinuousClock.Instant?
  }

  private let folder: String
  private let rules: ManifestRules
  private let publicKey: SparklePublicKey?
  private let fields: HTTPFields
  private let state = Mutex(State())

  /// - Parameters:
  ///   - folder: Where the manifests are.
  ///   - publicKey: Checks feeds that the publisher signed.
  ///   - fields: What every answer of this server carries.
  package init(folder: String, rules: ManifestRules, publicKey: SparklePublicKey?, fields: HTTPFields = [:]) {
    self.fields = fields
    self.folder = folder
    self.rules = rules
    self.publicKey = publicKey
  }

  /// What is served now.
  package var releases: Releases {
    let now = ContinuousClock.now
    return state.withLock { state in
      if state.lookedAt.map({ now - $0 >= Self.patience }) ?? true {
        let before = state.releases.stable.manifest
        for channel in Channel.allCases { look(at: channel, &state.releases[channel]) }
        noteBetas(&state.releases)
        // A new release comes with its own file in the archive: the two are read together.
        if state.releases.stable.manifest != before { state.archiveLookedAt = nil }
        if state.archiveLookedAt.map({ now - $0 >= Self.archivePatience }) ?? true {
          lookAtArchive(&state)
          state.archiveLookedAt = now
        }
        state.lookedAt = now
        state.inconsistentSince = state.releases.isPairConsistent ? nil : state.inconsistentSince ?? now
      }
      return state.releases
    }
  }

  /// Whether the two files of the stable release have said different things for a while.
  package var isInconsistent: Bool {
    _ = releases
    return state.withLock { $0.inconsistentSince.map { ContinuousClock.now - $0 > Self.settling } ?? false }
  }

  private func path(_ name: String) -> String { "\(folder)/\(name)" }

  private func noteBetas(_ releases: inout Releases) {
    if let beta = releases.beta.manifest { releases.betaFiles.formUnion(BetaFile.all(of: beta)) }
    if let refused = releases.beta.refusedFile { releases.betaFiles.insert(refused) }
    // What was promoted is a beta no more.
    let released = (releases.stable.manifest.map(BetaFile.all) ?? []) + releases.stableFiles
    let checksums = Set(released.map(\.sha256))
    releases.betaFiles = releases.betaFiles.filter { !checksums.contains($0.sha256) }
  }

  private func look(at channel: Channel, _ release: inout ChannelRelease) {
    let stamps = [channel.manifestName, channel.feedName].map { FileStamp(path: path($0)) }
    guard stamps != release.stamps else { return }
    release.stamps = stamps
    do throws(SmallFile.Failure) {
      let file = try SmallFile(path: path(channel.manifestName), limit: ManifestRules.largestManifest)
      // The clock of files is coarse: what was just written may be written again without another stamp.
      if abs(Int64(time(nil)) - file.stamp.changed) < Self.settlingSeconds { release.stamps = [] }
      let (manifest, findings) = Manifest.reading(file.bytes, rules: rules)
      if let manifest {
        let isSame = manifest == release.manifest
        release.manifest = manifest
        release.problem = nil
        serve(manifest, of: channel, stamp: file.stamp, &release, keepsSigned: isSame)
      } else {
        let reasons = findings.filter { $0.effect == .rejected }.map { "\($0.place): \($0.message) \($0.remedy)" }
        release.problem = "\(channel.manifestName) is refused: \(reasons.joined(separator: "; "))"
        release.refusedFile = BetaFile(refused: file.bytes)
      }
    } catch .missing where channel == .beta {
      // A beta is withdrawn by taking its manifest away; a stable release is not.
      release = ChannelRelease(stamps: stamps)
    } catch .missing where release.manifest == nil {
      release.problem = nil
    } catch {
      release.problem = "\(channel.manifestName) is not served: \(error.message)."
      // Whoever writes in place may keep the stamp: look again.
      if error == .changing { release.stamps = [] }
    }
  }

  /// The feed that the publisher signed where it fits the manifest, else one made of the manifest.
  ///
  /// - Parameter keepsSigned: Whether a signed feed that was served still fits, should the file be bad now.
  private func serve(
    _ manifest: Manifest, of channel: Channel, stamp: FileStamp, _ release: inout ChannelRelease, keepsSigned: Bool
  ) {
    let wasSigned = keepsSigned && release.isFeedSigned
    release.isFeedSigned = false
    release.feedProblem = nil
    var feed: ServedFeed?
    do throws(SmallFile.Failure) {
      let file = try SmallFile(path: path(channel.feedName), limit: Self.feedLimit)
      if let problem = PublishedFeed.problem(file.bytes, manifest: manifest, publicKey: publicKey) {
        release.feedProblem = "\(channel.feedName) of the publisher is not served: \(problem)"
      } else {
        release.isFeedSigned = true
        feed = ServedFeed(file.bytes, modified: file.stamp.changed, fields: fields)
      }
    } catch {
      if error != .missing {
        release.feedProblem = "\(channel.feedName) of the publisher is not served: \(error.message)."
      }
    }
    if wasSigned, release.feedProblem != nil {
      release.isFeedSigned = true
      return
    }
    let served = feed ?? ServedFeed(Appcast.bytes(for: manifest), modified: stamp.changed, fields: fields)
    // What was written again says nothing new.
    if release.feed?.tag != served.tag { release.feed = served }
  }

  private func lookAtArchive(_ state: inout State) {
    let history = FileStamp(path: path(ManifestHistory.name))
    if history != state.historyStamp {
      let told = BetaFile.history(at: path(ManifestHistory.name))
      state.releases.betaFiles.formUnion(told.betas)
      state.releases.stableFiles = told.stable
      noteBetas(&state.releases)
      state.historyStamp = history
    }
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter(Self.isOfOneVersion)
    var stamps: [String: FileStamp] = [:]
    for name in names.sorted().prefix(Self.archiveLimit) { stamps[name] = FileStamp(path: path(name)) }
    guard stamps != state.archiveStamps else { return }
    for (name, stamp) in stamps where state.archiveStamps[name] != stamp {
      guard let file = try? SmallFile(path: path(name), limit: ManifestRules.largestManifest) else { continue }
      if let manifest = Manifest.reading(file.bytes, rules: rules).manifest { state.releases.archive[name] = manifest }
    }
    state.releases.archive = state.releases.archive.filter { stamps[$0.key] != nil }
    state.archiveStamps = stamps
  }

  /// `manifest_2.0.0.15.json`
  private static func isOfOneVersion(_ name: String) -> Bool {
    guard name.hasPrefix("manifest_"), name.hasSuffix(".json") else { return false }
    return ReleaseVersion(name.dropFirst("manifest_".count).dropLast(".json".count)) != nil
  }
}
