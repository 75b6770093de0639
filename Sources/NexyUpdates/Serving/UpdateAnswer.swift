import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Bodies of answers: JSON with keys in snake case and in order, and lines of text.
enum UpdateAnswer {
  private struct Failure: Encodable {
    let error: String
  }

  /// What keeps an answer from being kept by anybody.
  static let neverKept: HTTPFields = [
    .cacheControl: "no-cache, no-store, must-revalidate", .pragma: "no-cache", .expires: "0",
  ]
  /// Half a minute, as the predecessor's health had it.
  static let keptBriefly: HTTPFields = [.cacheControl: "public, max-age=30", .pragma: "no-cache", .expires: "0"]

  static func json(
    _ body: some Encodable, status: HTTPResponse.Status = .ok, fields: HTTPFields = [:]
  ) throws -> Response {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var bytes = ByteBuffer(bytes: try encoder.encode(body))
    bytes.writeInteger(UInt8(ascii: "\n"))
    return response(bytes, "application/json; charset=utf-8", status, fields)
  }

  static func html(_ text: String) -> Response {
    response(ByteBuffer(string: text), "text/html; charset=utf-8", .ok, neverKept)
  }

  /// A failure as the client would rather read it: JSON, or text where it asks for that, for both alike, or for nothing.
  @Sendable static func failure(
    _ request: Request, _ status: HTTPResponse.Status, _ text: String, _ fields: HTTPFields
  ) -> Response {
    if AcceptedTypes(request.headers[.accept] ?? "").prefersJSON,
      let answer = try? json(Failure(error: text), status: status, fields: fields)
    {
      return answer
    }
    return response(ByteBuffer(string: text), "text/plain; charset=utf-8", status, fields)
  }

  private static func response(
    _ bytes: ByteBuffer, _ type: String, _ status: HTTPResponse.Status, _ fields: HTTPFields
  ) -> Response {
    var fields = fields
    fields[.contentType] = type
    fields[.xContentTypeOptions] = "nosniff"
    return Response(status: status, headers: fields, body: .init(byteBuffer: bytes))
  }
}

extension HTTPField.Name {
  static let pragma = HTTPField.Name("Pragma")!
}
