import NexyCore

extension MemberReader {
  /// The artifact of a manifest; `self` reads the manifest's own members.
  mutating func artifact(rules: ManifestRules) -> Manifest.Artifact? {
    guard let value = members["artifact"] else {
      return reject("artifact-missing", "It is missing: there is nothing to download.", at: "artifact")
    }
    guard let members = value.object else {
      return reject("artifact-object", "It is no object.", at: "artifact")
    }
    var reader = MemberReader(members: members, prefix: "artifact.")
    let artifact = reader.artifactMembers(rules: rules)
    add(reader.findings)
    return artifact
  }

  private mutating func artifactMembers(rules: ManifestRules) -> Manifest.Artifact? {
    let kind = kind()
    let url = url(rules: rules)
    if let kind, let url { check(kind, endsWith: url) }
    let size = size()
    let sha256 = sha256()
    let architecture = text(optional: "arch", atMost: ManifestRules.longestText)
    let minimumSystem = version(optional: "min_os")
    let signature = signature()
    guard let kind, let url, let size, let sha256 else { return nil }
    return Manifest.Artifact(
      kind: kind, url: url, size: size, sha256: sha256, architecture: architecture, minimumSystem: minimumSystem,
      signature: signature)
  }

  private mutating func kind() -> Manifest.Artifact.Kind? {
    guard let text = text("type") else { return nil }
    guard let kind = Manifest.Artifact.Kind(rawValue: text) else {
      return reject("type-known", "\(quoted(text)) is not dmg, pkg or zip.", at: "type")
    }
    if kind == .zip {
      advise(
        .ignored, "type-zip", "The released client downloads a zip and cannot install it.", at: "type",
        remedy: "Publish a dmg or a pkg.")
    }
    return kind
  }

  private mutating func url(rules: ManifestRules) -> String? {
    guard let text = text("url") else { return nil }
    let problems = ArtifactURL.problems(text, allowedHosts: rules.allowedHosts)
    for problem in problems {
      note(problem.rule, "\(quoted(text)): \(problem.message)", at: "url", remedy: problem.remedy)
    }
    return problems.isEmpty ? text : nil
  }

  /// The released client looks at the URL's end and nothing else to know what it downloaded.
  private mutating func check(_ kind: Manifest.Artifact.Kind, endsWith url: String) {
    guard !url.hasSuffix(".\(kind.rawValue)") else { return }
    note(
      "type-suffix",
      "It says \(kind.rawValue) and the URL does not end in .\(kind.rawValue); the released client goes by the URL's "
        + "end, in lower case, and takes what it does not know for a pkg.",
      at: "type", remedy: "Let the type and the URL's end agree.")
  }

  private mutating func size() -> Int64? {
    guard let size = integer("size") else { return nil }
    guard (1...ManifestRules.largestArtifact).contains(size) else {
      return reject(
        "size-range", "\(size) is not between 1 and \(ManifestRules.largestArtifact).", at: "size",
        remedy: "Give the artifact's size in bytes; clients refuse any other, and with 0 they check nothing.")
    }
    return size
  }

  private mutating func sha256() -> String? {
    guard let text = text("sha256") else { return nil }
    guard text.utf8.count == 64, text.utf8.allSatisfy(\.isHexadecimalDigit) else {
      return reject(
        "sha256-digits", "\(quoted(text)) is not 64 hexadecimal digits.", at: "sha256",
        remedy: "Give what `shasum -a 256` says of the artifact.")
    }
    return text.lowercased()
  }

  private mutating func signature() -> String? {
    guard let text = text(optional: "ed25519", atMost: ManifestRules.longestText) else {
      if members["ed25519"] == nil || members["ed25519"] == .null || members["ed25519"] == "" {
        advise(
          .ignored, "ed25519-missing", "The artifact is not signed; clients with Sparkle refuse it.", at: "ed25519",
          remedy: "Sign it with `nexy updates sign`.")
      }
      return nil
    }
    guard ArtifactSignature(base64: text) != nil else {
      return reject(
        "ed25519-base64", "It is no base64 of 64 bytes.", at: "ed25519",
        remedy: "Give what `nexy updates sign` printed, or an empty text for an unsigned artifact.")
    }
    return text
  }
}
