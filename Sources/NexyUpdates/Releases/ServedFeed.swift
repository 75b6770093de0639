import Crypto
import HTTPTypes
import NIOCore

/// A feed as clients get it: the bytes, and what tells one state of them from another.
struct ServedFeed: Sendable {
  let bytes: ByteBuffer
  /// The strong entity tag without its quotes: the checksum of the bytes.
  let tag: String
  /// When it came to be what it is, in seconds since 1970.
  let modified: Int64
  /// What every answer of it carries.
  let fields: HTTPFields

  /// - Parameter fields: What every answer of this server carries.
  init(_ bytes: [UInt8], modified: Int64, fields: HTTPFields) {
    self.bytes = ByteBuffer(bytes: bytes)
    tag = SHA256.hash(data: bytes).hexadecimal
    self.modified = modified
    let own: HTTPFields = [
      .contentType: "application/xml; charset=utf-8", .eTag: "\"\(tag)\"", .contentLength: "\(bytes.count)",
      .lastModified: HTTPDate.text(modified),
      .cacheControl: "public, max-age=60", .pragma: "no-cache", .expires: "0",
    ]
    self.fields = HTTPFields(Array(own) + Array(fields))
  }

  /// What an answer carries that sends no bytes, as the client has them.
  var unchangedFields: HTTPFields {
    var fields = fields
    fields[.contentType] = nil
    fields[.contentLength] = nil
    return fields
  }
}
