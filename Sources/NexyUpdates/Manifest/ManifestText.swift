import NexyCore

extension Manifest {
  /// The manifest as a file: JSON with its keys in order, two spaces a level, a newline at the end.
  ///
  /// Unknown members stay. A known one is written anew only when it says something else than this manifest does, so what
  /// was read is written as it was spelled.
  package func encoded() -> [UInt8] { JSONWriter.pretty(.object(mergedMembers)) }

  private var mergedMembers: [String: JSONValue] {
    var all = members
    all.set("version", text: version.text)
    all.set("build", text: build.text)
    if all["release_date"]?.string.flatMap({ ISO8601.seconds(of: $0) }) != releaseDate {
      all["release_date"] = .string(ISO8601.text(seconds: releaseDate))
    }
    all["artifact"] = .object(artifact.mergedMembers(all["artifact"]?.object ?? [:]))
    all.set("critical", flag: isCritical)
    all.set("critical_below", text: criticalBelow?.text)
    all.set("auto_install", flag: installsItself)
    all.set("notes_url", text: notesURL)
    all.set("notes_markdown", text: notes)
    all.set("channel", text: feedChannel)
    all.set("phased_rollout_interval", integer: rolloutInterval.map(Int64.init))
    all.set("hardware_requirements", text: hardwareRequirements)
    return all
  }
}

extension Manifest.Artifact {
  fileprivate func mergedMembers(_ members: [String: JSONValue]) -> [String: JSONValue] {
    var all = members
    all.set("type", text: kind.rawValue)
    all.set("url", text: url)
    all.set("size", integer: size)
    if all["sha256"]?.string?.lowercased() != sha256 { all["sha256"] = .string(sha256) }
    all.set("arch", text: architecture)
    all.set("min_os", text: minimumSystem?.text)
    all.set("ed25519", text: signature)
    return all
  }
}

// A missing member, null and an empty text say the same, nothing; whichever of them stands stays.
extension [String: JSONValue] {
  fileprivate mutating func set(_ key: String, text: String?) {
    if text == nil, self[key] == "" || self[key] == .null { return }
    self[key] = text.map { .string($0) }
  }

  fileprivate mutating func set(_ key: String, integer: Int64?) {
    if integer == nil, self[key] == .null { return }
    self[key] = integer.map { .integer($0) }
  }

  fileprivate mutating func set(_ key: String, flag: Bool) {
    if flag || self[key] != nil { self[key] = .bool(flag) }
  }
}
