import NexyUpdates

/// What the header fields of an answer have to say.
extension WebAnswer {
  /// Fields that must stand there, each with this value.
  typealias Fields = KeyValuePairs<String, String>

  /// Of what tells how a server is, for half a minute.
  static let keptBriefly: Fields = ["cache-control": "public, max-age=30", "pragma": "no-cache", "expires": "0"]
  /// Of a feed, for a minute.
  static let keptAMinute: Fields = ["cache-control": "public, max-age=60", "pragma": "no-cache", "expires": "0"]
  /// Of what nobody may keep.
  static let neverKept: Fields = [
    "cache-control": "no-cache, no-store, must-revalidate", "pragma": "no-cache", "expires": "0",
  ]

  /// Fields that tell of the content, and so are the same for HEAD.
  private static let ofContent = [
    "content-type", "cache-control", "pragma", "expires", "etag", "last-modified", "content-disposition",
    "accept-ranges", "access-control-allow-origin",
  ]

  /// What of these fields is missing or says something else.
  ///
  /// Each has its value once: a proxy that adds its own makes two of it (defect 74 of the predecessor).
  func faults(wanting fields: Fields) -> [String] {
    fields.compactMap { name, value in
      guard let told = headers[name] else { return "no \(name)" }
      return told == value ? nil : "\(name) \(told)"
    }
  }

  /// Whether the content is of this type, whatever its characters.
  func faults(wantingType type: String) -> [String] {
    let told = headers["content-type"] ?? "missing"
    return told.split(separator: ";").first.map(String.init) == type ? [] : ["content-type \(told)"]
  }

  /// What a client needs to ask whether the content has changed.
  func faultsOfValidators() -> [String] {
    let (tag, date) = (headers["etag"] ?? "missing", headers["last-modified"] ?? "missing")
    var faults: [String] = []
    if !tag.hasPrefix("\"") || !tag.hasSuffix("\"") || tag.utf8.count < 3 { faults.append("etag \(tag)") }
    if HTTPDate.seconds(date) == nil { faults.append("last-modified \(date)") }
    return faults
  }

  /// What this answer to HEAD says otherwise than the one to GET.
  func faults(asHeadOf whole: WebAnswer) -> [String] {
    var faults = status == whole.status ? [] : ["HTTP \(status), GET \(whole.status)"]
    if !body.isEmpty { faults.append("\(body.count) bytes of a body") }
    let length = headers["content-length"] ?? "missing"
    if length != "\(whole.body.count)" { faults.append("length \(length), GET has \(whole.body.count) bytes") }
    for name in Self.ofContent where headers[name] != whole.headers[name] {
      faults.append("\(name) \(headers[name] ?? "missing"), GET \(whole.headers[name] ?? "missing")")
    }
    return faults
  }
}
