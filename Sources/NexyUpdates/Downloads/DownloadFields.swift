import HTTPTypes

/// The header fields that tell a client what a file is.
enum DownloadFields {
  /// A file's URL may name other bytes after the next release, and a client refuses a file whose size is not the one in
  /// the feed: caches may keep a file, but ask before every use, which the entity tag makes a 304.
  private static let cacheControl = "public, no-cache"

  static func describing(_ name: String, tag: String?, modified: Int64) -> HTTPFields {
    var fields: HTTPFields = [
      .contentType: contentType(name), .contentDisposition: disposition(name), .acceptRanges: "bytes",
      .cacheControl: cacheControl, .lastModified: HTTPDate.text(modified), .xContentTypeOptions: "nosniff",
    ]
    if let tag { fields[.eTag] = "\"\(tag)\"" }
    return fields
  }

  /// Archives are bytes, as the predecessor told them; what people read is plain text, so that no page is ever rendered
  /// from the folder.
  static func contentType(_ name: String) -> String {
    switch name.lowercased().split(separator: ".").last {
    case "md", "txt", "html", "htm", "sha256": "text/plain; charset=utf-8"
    case "json": "application/json"
    case "xml": "application/xml"
    default: "application/octet-stream"
    }
  }

  /// To be saved, under this name; <https://www.rfc-editor.org/rfc/rfc6266#section-4.1>. The second, encoded name
  /// (<https://www.rfc-editor.org/rfc/rfc8187>) stands only where the first cannot say it.
  static func disposition(_ name: String) -> String {
    var plain = ""
    for character in name.unicodeScalars {
      switch character {
      case "\"", "\\": plain += "\\\(character)"
      // Some clients decode escapes even here (RFC 6266, appendix D).
      case "%": plain += "_"
      case _ where character.isASCII: plain.unicodeScalars.append(character)
      default: plain += "_"
      }
    }
    let disposition = "attachment; filename=\"\(plain)\""
    guard plain != name else { return disposition }
    return "\(disposition); filename*=UTF-8''\(encoded(name))"
  }

  private static func encoded(_ name: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    let harmless = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$&+-.^_`|~".utf8)
    let bytes = name.utf8.flatMap { byte in
      harmless.contains(byte) ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
