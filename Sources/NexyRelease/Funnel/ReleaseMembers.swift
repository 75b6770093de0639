import NexyCore
import NexyUpdates

/// The files of a release in its manifest.
///
/// What clients update from is the manifest's `artifact`. Everything else that was released with it stands under the member
/// `files`, which the manifest's own format does not know and keeps: a list of objects such as
/// `{"role":"pkg","tag":"AppBeta","name":"Nexy.pkg","url":"https://…","size":1,"sha256":"…","ed25519":"…"}`.
package enum ReleaseMembers {
  /// The member's name.
  package static let key = "files"

  /// The files beside the artifact; none where the manifest names none.
  /// - Throws: `NexyError` with code `manifestRefused`, naming the element that is wrong.
  package static func files(of manifest: Manifest) throws -> [ReleaseFile] {
    guard let value = manifest.members[key], value != .null else { return [] }
    guard let elements = value.array else { throw refusal("it is no list") }
    return try elements.enumerated().map { index, element in
      guard let members = element.object else { throw refusal("element \(index + 1) is no object") }
      return try file(members, number: index + 1)
    }
  }

  /// The manifest with these files beside its artifact.
  /// - Parameter files: each with its place; one without a place is left out, as nobody could download it.
  package static func manifest(_ manifest: Manifest, with files: [ReleaseFile]) -> Manifest {
    var manifest = manifest
    let elements = files.compactMap { file in file.place.map { JSONValue.object(members(of: file, at: $0)) } }
    manifest.members[key] = elements.isEmpty ? nil : .array(elements)
    return manifest
  }

  private static func members(of file: ReleaseFile, at place: ReleaseFile.Place) -> [String: JSONValue] {
    var members: [String: JSONValue] = [
      "role": .string(file.role.rawValue), "tag": .string(place.tag), "name": .string(place.name),
      "url": .string(place.url), "size": .integer(file.size), "sha256": .string(file.sha256),
    ]
    members["ed25519"] = file.signature.map { .string($0) }
    return members
  }

  private static func file(_ members: [String: JSONValue], number: Int) throws -> ReleaseFile {
    func text(_ name: String) throws -> String {
      guard let text = members[name]?.string, !text.isEmpty else {
        throw refusal("\(name) of element \(number) is missing or no text")
      }
      return text
    }
    guard let role = ReleaseFile.Role(rawValue: try text("role")) else {
      throw refusal("role of element \(number) is not dmg, pkg or notes")
    }
    guard case .integer(let size) = members["size"], size > 0 else {
      throw refusal("size of element \(number) is not a number of bytes")
    }
    let sha256 = try text("sha256").lowercased()
    guard sha256.utf8.count == 64, sha256.allSatisfy(\.isHexDigit) else {
      throw refusal("sha256 of element \(number) is not 64 hexadecimal digits")
    }
    let signature = members["ed25519"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    if let signature, ArtifactSignature(base64: signature) == nil {
      throw refusal("ed25519 of element \(number) is no base64 of 64 bytes")
    }
    return ReleaseFile(
      role: role, size: size, sha256: sha256, signature: signature,
      place: ReleaseFile.Place(tag: try text("tag"), name: try text("name"), url: try text("url")))
  }

  private static func refusal(_ reason: String) -> NexyError {
    NexyError(
      .manifestRefused, "The manifest's \(key) cannot be read: \(reason). Publish the release again to write it anew.")
  }
}

extension ReleaseFile {
  /// What clients of a manifest update from; nil for a zip, which is released by hand only.
  package init?(artifactOf manifest: Manifest) {
    let artifact = manifest.artifact
    guard let role = Role(rawValue: artifact.kind.rawValue) else { return nil }
    self.init(role: role, size: artifact.size, sha256: artifact.sha256, signature: artifact.signature)
  }
}

extension Manifest {
  /// Every file of the release, the artifact first; what is wrong with the others leaves them out.
  package var releaseFiles: [ReleaseFile] {
    [ReleaseFile(artifactOf: self)].compactMap(\.self) + ((try? ReleaseMembers.files(of: self)) ?? [])
  }
}
