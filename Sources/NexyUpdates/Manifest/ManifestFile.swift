import NexyCore

extension Manifest {
  /// Reads a manifest and says everything that is wrong with it.
  ///
  /// Unknown members are no finding and stay in `members`.
  /// - Returns: the manifest unless a finding rejects it, and every finding; the other effects are advice.
  package static func reading(
    _ bytes: [UInt8], rules: ManifestRules = ManifestRules()
  ) -> (manifest: Manifest?, findings: [Finding]) {
    guard bytes.count <= ManifestRules.largestManifest else {
      return (nil, [whole("manifest-size", "It has more than \(ManifestRules.largestManifest) bytes.")])
    }
    let document: JSONReader.Document
    do { document = try JSONReader.document(bytes) } catch {
      let reason = bytes.isEmpty ? "it is empty" : error.reason
      return (nil, [whole("manifest-json", "It is no JSON: \(reason) (byte \(error.offset)).")])
    }
    guard let members = document.value.object else {
      return (nil, [whole("manifest-object", "It is JSON, but no object.")])
    }
    var reader = MemberReader(members: members)
    for key in document.duplicateKeys {
      reader.note(
        "manifest-duplicate-key", "It stands twice, and programs disagree which one counts.", at: reader.printable(key))
    }
    let manifest = reader.manifest(rules: rules)
    let isRejected = reader.findings.contains { $0.effect == .rejected }
    return (isRejected ? nil : manifest, reader.findings)
  }

  private static func whole(_ rule: String, _ message: String) -> Finding {
    Finding(.rejected, rule, at: "manifest", message, remedy: "Write it again with `nexy updates manifest set`.")
  }
}

extension MemberReader {
  fileprivate mutating func manifest(rules: ManifestRules) -> Manifest? {
    let version = requiredVersion("version")
    let build = requiredVersion("build")
    let releaseDate = releaseDate()
    let artifact = artifact(rules: rules)
    let isCritical = flag("critical")
    let criticalBelow = self.version(optional: "critical_below")
    let installsItself = flag("auto_install")
    let notesURL = notesURL()
    let notes = text(optional: "notes_markdown", atMost: ManifestRules.longestNotes)
    let channel = channel()
    let interval = rolloutInterval()
    let hardware = hardwareRequirements()
    guard let version, let build, let releaseDate, let artifact else { return nil }
    return Manifest(
      version: version, build: build, releaseDate: releaseDate, artifact: artifact, isCritical: isCritical,
      criticalBelow: criticalBelow, installsItself: installsItself, notesURL: notesURL, notes: notes,
      feedChannel: channel, rolloutInterval: interval, hardwareRequirements: hardware, members: members)
  }

  private mutating func releaseDate() -> Int64? {
    guard let text = text("release_date") else { return nil }
    guard let seconds = ISO8601.seconds(of: text) else {
      return reject(
        "release-date-format", "\(quoted(text)) is no date of ISO 8601.", at: "release_date",
        remedy: "Write it as 2026-03-05T07:08:09Z.")
    }
    let years = ManifestRules.years
    guard let first = ISO8601.seconds(of: "\(years.lowerBound)-01-01"),
      let end = ISO8601.seconds(of: "\(years.upperBound + 1)-01-01"), (first..<end).contains(seconds)
    else {
      return reject(
        "release-date-years", "\(quoted(text)) is not between \(years.lowerBound) and \(years.upperBound).",
        at: "release_date", remedy: "Write the day of the release.")
    }
    return seconds
  }

  private mutating func notesURL() -> String? {
    guard let text = text(optional: "notes_url", atMost: ManifestRules.longestText) else { return nil }
    if let problem = HTTPSAddress.problem(text) {
      return reject(
        "notes-url-https", "\(quoted(text)): \(problem)", at: "notes_url",
        remedy: "Give an https URL, or an empty text for none.")
    }
    return text
  }

  private mutating func channel() -> String? {
    guard let text = text(optional: "channel", atMost: ManifestRules.longestText) else { return nil }
    guard text.utf8.allSatisfy({ $0.isLetterOrDigit || "._-".utf8.contains($0) }) else {
      return reject(
        "channel-characters", "Sparkle puts \(quoted(text)) on the channel that every client sees.", at: "channel",
        remedy: "Use letters, digits, dots, dashes and underscores, or leave it out.")
    }
    return text
  }

  private mutating func rolloutInterval() -> Int? {
    let key = "phased_rollout_interval"
    guard let seconds = integer(optional: key) else { return nil }
    guard ManifestRules.rolloutIntervals.contains(seconds) else {
      let range = ManifestRules.rolloutIntervals
      return reject(
        "phased-rollout-interval-range",
        "\(seconds) seconds are not between \(range.lowerBound) and \(range.upperBound).", at: key,
        remedy: "86400 is a day for each of the seven groups.")
    }
    return Int(seconds)
  }

  private mutating func hardwareRequirements() -> String? {
    let key = "hardware_requirements"
    guard let text = text(optional: key, atMost: ManifestRules.longestText) else { return nil }
    guard text == "arm64" else {
      return reject(
        "hardware-requirements-known", "Sparkle does not know \(quoted(text)).", at: key,
        remedy: "Write arm64, or leave it out.")
    }
    return text
  }
}
