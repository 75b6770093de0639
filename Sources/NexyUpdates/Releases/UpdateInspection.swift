/// Judges channels by what their manifests say and what the files are; pure.
struct UpdateInspection {
  let releases: Releases
  let isInconsistent: Bool
  let isBetaOn: Bool
  /// Every file of the downloads folder, seen or not.
  let files: [DownloadShelf.Item]
  /// The host of the server's own address, with its port, in lower case; nil where nobody told it.
  let ownHost: String?
  let canCheckSignatures: Bool
  /// Whether a signature fits the bytes of a checksum; nil while that is not known.
  let signatures: @Sendable (_ sha256: String, _ signature: String) -> Bool?

  func report() -> UpdateReport {
    var report = UpdateReport(isBetaOn: isBetaOn)
    for channel in Channel.allCases where channel == .stable || isBetaOn {
      let release = releases[channel]
      if let problem = release.problem {
        report.reasons.append(
          release.manifest == nil ? problem : "\(problem) The release that was served before still is.")
      }
      if let problem = release.feedProblem { report.reasons.append(problem) }
      guard let manifest = release.manifest else { continue }
      let artifact = artifactState(of: manifest, channel, &report.reasons)
      let signature = signatureState(of: manifest, artifact)
      if signature == .invalid {
        report.reasons.append(
          "The signature of the \(channel.rawValue) artifact does not fit its bytes: sign it again.")
      }
      report.channels[channel] = UpdateReport.ChannelReport(
        manifest: manifest, artifact: artifact, signature: signature, isFeedSigned: release.isFeedSigned)
    }
    if releases.stable.manifest == nil, releases.stable.problem == nil {
      report.isUnpublished = true
      report.reasons.append("There is no manifest.json: publish a release.")
    }
    if isInconsistent, let version = releases.stable.manifest?.version {
      report.reasons.append(
        "manifest.json and manifest_\(version).json disagree: write both with nexy updates manifest set.")
    }
    let betas = BetaFiles(releases)
    report.artifacts = files.filter { isBetaOn || !betas.contain($0) }
    return report
  }

  private func artifactState(
    of manifest: Manifest, _ channel: Channel, _ reasons: inout [String]
  ) -> UpdateReport.ArtifactState {
    let artifact = manifest.artifact
    let name = artifact.decodedFileName
    let isOurs = ownHost != nil && UpdateOptions.host(of: artifact.url) == ownHost
    guard let file = files.first(where: { $0.name == name }) else {
      if isOurs { reasons.append("\(name) of the \(channel.rawValue) channel is missing in the downloads folder.") }
      return isOurs ? .missing : .elsewhere
    }
    // Channels on another host may share a name: a copy here is that of one of them.
    let others = isOurs ? [] : releases.visible(withBeta: true).filter { $0.artifact.decodedFileName == name }
    let owners = [manifest] + others
    guard owners.contains(where: { $0.artifact.size == file.size }) else {
      reasons.append(
        "\(name) has \(file.size) bytes and its manifest (\(channel.rawValue)) says \(artifact.size): put the published file there."
      )
      return .wrong
    }
    guard let checksum = file.checksum else { return .checking }
    guard let owner = owners.first(where: { $0.artifact.sha256 == checksum }) else {
      reasons.append(
        "\(name) fails the checksum of its manifest (\(channel.rawValue)): put the published file there.")
      return .wrong
    }
    return owner.artifact.sha256 == artifact.sha256 ? .good : .elsewhere
  }

  private func signatureState(
    of manifest: Manifest, _ artifact: UpdateReport.ArtifactState
  ) -> UpdateReport.SignatureState {
    guard let signature = manifest.artifact.signature else { return .unsigned }
    guard canCheckSignatures, artifact == .good else { return .unchecked }
    return signatures(manifest.artifact.sha256, signature).map { $0 ? .valid : .invalid } ?? .unchecked
  }
}
