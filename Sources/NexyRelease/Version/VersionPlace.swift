/// Which of the two versions: they rise apart, and none is ever taken for the other.
package enum VersionAxis: String, Sendable, CaseIterable, Codable {
  /// This program, and what is deployed.
  case server
  /// The macOS application.
  case client
}

/// A place where a version stands: a row of the table in the setting `version.places`.
package struct VersionPlace: Sendable, Hashable {
  /// What the place is, and what is needed to find the version in it.
  package enum Kind: Sendable, Hashable {
    /// The whole file is the version and a newline.
    case file
    /// A line of `KEY=value`.
    case setting(name: String)
    /// A dotted key of a YAML file.
    case yaml(key: String)
    /// A sentence of a document.
    case text(TextMarker)
    /// What clients are offered; only publishing and promoting change it, together with its bytes.
    case manifest
    /// A file that has the same bytes as another, where it is at all.
    case copy(of: String)

    /// As the table names it.
    package var name: String {
      switch self {
      case .file: "file"
      case .setting: "setting"
      case .yaml: "yaml"
      case .text: "text"
      case .manifest: "manifest"
      case .copy: "copy"
      }
    }
  }

  package let axis: VersionAxis
  package let kind: Kind
  /// Relative to the working folder, or absolute.
  package let path: String

  package init(axis: VersionAxis, kind: Kind, path: String) {
    self.axis = axis
    self.kind = kind
    self.path = path
  }

  /// Who changes it, as it is typed.
  package var owner: String {
    switch kind {
    case .file, .setting, .yaml, .text: "nexy version set"
    case .manifest: "nexy release publish/promote"
    case .copy: "nobody: it is a copy"
    }
  }

  /// Whether `nexy version set` changes it.
  package var isSettable: Bool {
    switch kind {
    case .file, .setting, .yaml, .text: true
    case .manifest, .copy: false
    }
  }

  /// What tells it from other places in the same file; empty for the whole file.
  package var detail: String {
    switch kind {
    case .file, .manifest: ""
    case .setting(let name): name
    case .yaml(let key): key
    case .text(let marker): marker.pattern
    case .copy(let original): original
    }
  }
}
