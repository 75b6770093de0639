import HTTPTypes

/// What a request for a file that is there is answered with.
enum DownloadAnswer: Equatable {
  /// 200.
  case whole
  /// 206.
  case part(Range<Int64>)
  /// 304: the client has it.
  case notModified
  /// 412: it is not the file that the client speaks of.
  case preconditionFailed
  /// 416: it has no such bytes.
  case unsatisfiable

  /// What tells one state of the file from another.
  struct Validators {
    /// The strong entity tag without its quotes; nil while the checksum is not known.
    let tag: String?
    /// The last modification as the client is told it, seconds since 1970.
    let modified: Int64
  }

  /// The decision in the order of <https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2>.
  ///
  /// - Parameters:
  ///   - isHead: HEAD knows no ranges (section 14.2).
  ///   - size: Bytes in the file.
  static func decide(_ fields: HTTPFields, isHead: Bool, validators: Validators, size: Int64) -> DownloadAnswer {
    if let field = fields[.ifMatch] {
      guard matchesStrongly(field, validators.tag) else { return .preconditionFailed }
    } else if let date = fields[.ifUnmodifiedSince].flatMap(HTTPDate.seconds) {
      guard validators.modified <= date else { return .preconditionFailed }
    }
    if let field = fields[.ifNoneMatch] {
      if matchesWeakly(field, validators.tag) { return .notModified }
    } else if let date = fields[.ifModifiedSince].flatMap(HTTPDate.seconds), validators.modified <= date {
      return .notModified
    }
    guard !isHead, let range = fields[.range], isSameFile(fields[.ifRange], validators) else { return .whole }
    return switch ByteRange.parse(range, size: size) {
    case .whole: .whole
    case .part(let bytes): .part(bytes)
    case .unsatisfiable: .unsatisfiable
    }
  }

  private static func matchesStrongly(_ field: String, _ tag: String?) -> Bool {
    switch EntityTag.list(field) {
    case .any: true
    case .tags(let tags): tags.contains { !$0.isWeak && $0.opaque == tag }
    }
  }

  private static func matchesWeakly(_ field: String, _ tag: String?) -> Bool {
    switch EntityTag.list(field) {
    case .any: true
    case .tags(let tags): tags.contains { $0.opaque == tag }
    }
  }

  /// Whether a resumed download goes on with the same bytes: a strong tag or the very date (section 13.1.5).
  private static func isSameFile(_ field: String?, _ validators: Validators) -> Bool {
    guard let field else { return true }
    if let tag = EntityTag(field) { return !tag.isWeak && tag.opaque == validators.tag }
    return HTTPDate.seconds(field) == validators.modified
  }
}
