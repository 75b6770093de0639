import NexyCore

/// What a client would rather have, <https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1>.
struct AcceptedTypes {
  private struct Range {
    let type: Substring
    let subtype: Substring
    let quality: Double

    /// How narrowly it names a type; nil when it is another one.
    func precision(for type: String, _ subtype: String) -> Int? {
      if self.type == type, self.subtype == subtype { return 2 }
      if self.type == type, self.subtype == "*" { return 1 }
      return self.type == "*" ? 0 : nil
    }
  }

  private let ranges: [Range]

  /// - Parameter field: The field's value; what cannot be read of it counts for nothing.
  init(_ field: String) {
    ranges = field.lowercased().split(separator: ",").prefix(50).compactMap { part in
      let words = part.split(separator: ";").map(\.trimmed)
      let names = (words.first ?? "").split(separator: "/", omittingEmptySubsequences: false)
      guard names.count == 2 else { return nil }
      let quality = words.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
      return Range(type: Substring(names[0]), subtype: Substring(names[1]), quality: min(max(quality, 0), 1))
    }
  }

  /// From 0, not wanted, to 1.
  func quality(of type: String, _ subtype: String) -> Double {
    let fitting = ranges.compactMap { range in range.precision(for: type, subtype).map { (range, $0) } }
    return fitting.max { $0.1 < $1.1 }?.0.quality ?? 0
  }

  /// Whether JSON is wanted more than text; of two that are wanted alike, the one that is named first.
  var prefersJSON: Bool {
    let (json, text) = (quality(of: "application", "json"), quality(of: "text", "plain"))
    guard json == text, json > 0 else { return json > text }
    let named = ranges.first { $0.precision(for: "application", "json") == 2 || $0.type == "text" }
    return named?.type == "application"
  }
}
