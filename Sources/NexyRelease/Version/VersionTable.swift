import NexyCore

/// The setting `version.places`: `axis kind path [rest]`, a row a line; on a single line, rows are parted by `;`.
///
/// Blank rows and rows that begin with `#` say nothing. A path with blanks stands between double quotation marks.
package enum VersionTable {
  /// - Throws: `NexyError` with code `versionPlacesRefused` that names every bad row and what is wrong with it.
  package static func places(_ text: String) throws -> [VersionPlace] {
    let isOneLine = !text.trimmed.contains(where: \.isNewline)
    let rows = text.split(whereSeparator: { $0.isNewline || isOneLine && $0 == ";" }).map(\.trimmed)
      .filter { !$0.isEmpty && !$0.hasPrefix("#") }
    var places: [VersionPlace] = []
    var problems: [String] = []
    for (index, row) in rows.enumerated() {
      do throws(RowProblem) {
        places.append(try place(row, after: places))
      } catch {
        problems.append("row \(index + 1), \"\(row.prefix(120))\": \(error.reason)")
      }
    }
    if rows.isEmpty { problems.append("it has no row.") }
    guard problems.isEmpty else {
      throw NexyError(
        .versionPlacesRefused,
        (["version.places (VERSION_PLACES) is wrong; a row is: axis kind path [rest]."] + problems)
          .joined(separator: "\n  "))
    }
    return places
  }

  private struct RowProblem: Error {
    let reason: String
  }

  private static func place(_ row: String, after others: [VersionPlace]) throws(RowProblem) -> VersionPlace {
    var rest = Substring(row)
    let axis = try word(&rest, "the axis, server or client,")
    guard let axis = VersionAxis(rawValue: axis) else {
      throw RowProblem(reason: "\(axis) is no axis; write server or client.")
    }
    let name = try word(&rest, "the kind")
    let path = standard(try word(&rest, "the path"))
    guard !path.isEmpty else { throw RowProblem(reason: "the path names no file.") }
    let place = VersionPlace(axis: axis, kind: try kind(name, &rest), path: path)
    guard rest.trimmed.isEmpty else {
      throw RowProblem(reason: "\"\(rest.trimmed)\" is more than a place of the kind \(name) has.")
    }
    if let other = others.first(where: { $0.path == path && $0.kind == place.kind }) {
      throw RowProblem(
        reason: other.axis == axis ? "it stands there twice." : "the same place is the \(other.axis.rawValue)'s.")
    }
    return place
  }

  private static func kind(_ name: String, _ rest: inout Substring) throws(RowProblem) -> VersionPlace.Kind {
    switch name {
    case "file": return .file
    case "manifest": return .manifest
    case "setting": return .setting(name: try notSecret(word(&rest, "the name of the setting")))
    case "yaml": return .yaml(key: try notSecret(word(&rest, "the dotted key")))
    case "copy": return .copy(of: standard(try word(&rest, "the path of the original")))
    case "text":
      defer { rest = "" }
      guard let marker = TextMarker(rest.trimmed) else {
        throw RowProblem(reason: "the text needs {version} in it once, and words around it.")
      }
      return .text(marker)
    default: throw RowProblem(reason: "\(name) is no kind; write file, setting, yaml, manifest, text or copy.")
    }
  }

  /// What stands there is printed.
  private static func notSecret(_ name: String) throws(RowProblem) -> String {
    guard !Redaction.isSecret(name: name) else { throw RowProblem(reason: "\(name) holds a secret and no version.") }
    return name
  }

  private static func word(_ rest: inout Substring, _ what: String) throws(RowProblem) -> String {
    rest = rest.drop(while: \.isWhitespace)
    let word: Substring
    if rest.first == "\"" {
      word = rest.dropFirst().prefix { $0 != "\"" }
      rest = rest[word.endIndex...]
      guard rest.popFirst() != nil else { throw RowProblem(reason: "a quotation mark is not closed.") }
    } else {
      word = rest.prefix { !$0.isWhitespace }
      rest = rest[word.endIndex...]
    }
    guard !word.isEmpty else { throw RowProblem(reason: "\(what) is missing.") }
    return String(word)
  }

  /// One spelling for a path: without empty parts and single dots.
  private static func standard(_ path: String) -> String {
    let parts = path.split(separator: "/").filter { $0 != "." }
    return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
  }
}

extension NexyError.Code {
  /// The table of the places where versions stand is wrong.
  package static let versionPlacesRefused = Self("version_places_refused")
}
