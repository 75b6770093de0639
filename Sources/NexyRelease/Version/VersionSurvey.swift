import NexyCore
import NexyUpdates

/// What stands in each place of the table, read once.
package struct VersionSurvey: Sendable {
  /// A place and what stands there.
  package struct Entry: Sendable {
    package let place: VersionPlace
    let standing: Standing
  }

  enum Standing: Sendable {
    /// There is no such file, or the key is not set in it.
    case absent
    /// A sentence's end.
    case unreadable(String)
    /// The document is there, and the words around the version are not.
    case unmarked
    case versions([VersionOccurrence])
    case manifest(ManifestStanding)
    case copy(isSame: Bool)
  }

  /// In the order of the table.
  package let entries: [Entry]
  /// The files that versions stand in, by path.
  let files: [String: PlaceFile]

  /// - Parameters:
  ///   - rules: What a manifest may hold.
  ///   - read: What stands at a path of the table.
  package init(_ places: [VersionPlace], rules: ManifestRules, read: (String) -> PlaceFile = PlaceFile.reading) {
    var files: [String: PlaceFile] = [:]
    for place in places where files[place.path] == nil { files[place.path] = read(place.path) }
    self.files = files
    entries = places.map { place in
      Entry(place: place, standing: Self.standing(place, files[place.path] ?? .absent, rules: rules, read: read))
    }
  }

  private static func standing(
    _ place: VersionPlace, _ file: PlaceFile, rules: ManifestRules, read: (String) -> PlaceFile
  ) -> Standing {
    switch file {
    case .absent: return .absent
    case .unreadable(let reason): return .unreadable(reason)
    case .present(let bytes, _):
      switch place.kind {
      case .manifest: return .manifest(ManifestStanding(bytes, path: place.path, rules: rules, read: read))
      case .copy(let original): return .copy(isSame: read(original).bytes == bytes)
      case .file, .setting, .yaml, .text: break
      }
      do throws(PlaceProblem) {
        let occurrences = try place.occurrences(in: bytes)
        guard occurrences.isEmpty else { return .versions(occurrences) }
        if case .text = place.kind { return .unmarked }
        return .absent
      } catch {
        return .unreadable(error.reason)
      }
    }
  }
}

/// What an axis says of itself: the version that all its places are compared with.
package struct DeclaredVersion: Sendable, Equatable {
  /// A version or not.
  package let text: String
  /// Where it stands.
  package let label: String
}

extension VersionSurvey {
  /// The axis's first `file`; where that is not there, the first place that `nexy version set` changes and that is.
  ///
  /// A manifest declares nothing: it says what was published, and the beta's is ahead of the stable one.
  package func declared(_ axis: VersionAxis) -> DeclaredVersion? {
    let own = entries.filter { $0.place.axis == axis && $0.place.isSettable }
    let source = own.first { $0.place.kind == .file }
    for entry in [source].compactMap(\.self) + own {
      if case .versions(let occurrences) = entry.standing, let first = occurrences.first {
        return DeclaredVersion(text: first.text, label: entry.place.label(first))
      }
    }
    return nil
  }

  /// The manifests' versions, such as `stable` and 2.0.0.15; the path stands for a channel with a name of its own.
  package func published(_ axis: VersionAxis) -> [(channel: String, version: ReleaseVersion)] {
    entries.filter { $0.place.axis == axis }.compactMap { entry in
      guard case .manifest(let standing) = entry.standing, let version = standing.manifest?.version else { return nil }
      let name = entry.place.path.split(separator: "/").last.map(String.init)
      return (Channel.allCases.first { $0.manifestName == name }?.rawValue ?? entry.place.path, version)
    }
  }

  /// Whether nothing of an axis stands anywhere.
  package func isEmpty(_ axis: VersionAxis) -> Bool {
    entries.allSatisfy { entry in
      if case .absent = entry.standing { true } else { entry.place.axis != axis }
    }
  }
}

extension VersionSurvey.Entry {
  /// What stands there, for people; nil where nothing does.
  package var value: String? {
    switch standing {
    case .absent: nil
    case .unreadable(let reason): "unreadable: \(reason)"
    case .unmarked: "no marker"
    case .versions(let occurrences):
      Set(occurrences.map(\.text)).sorted().map(VersionPlace.shown).joined(separator: ", ")
    case .manifest(let standing): standing.manifest?.version.text ?? "unreadable: \(standing.problem ?? "")"
    case .copy(let isSame): isSame ? "the same bytes" : "other bytes"
    }
  }
}

extension VersionPlace {
  /// The path, and the line where the version is not the whole file.
  func label(_ occurrence: VersionOccurrence) -> String { occurrence.line.map { "\(path):\($0)" } ?? path }

  /// A text that stands where a version should, short.
  static func shown(_ text: String) -> String { text.count > 60 ? "\(text.prefix(60))…" : text }
}
