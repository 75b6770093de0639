import Foundation

/// Reads JSON that a provider sent.
enum JSONBytes {
  private static let decoder = JSONDecoder()

  /// The value, or nil for what is no such JSON; bytes that are no UTF-8 read as U+FFFD.
  static func decode<Value: Decodable>(_ type: Value.Type = Value.self, from bytes: [UInt8]) -> Value? {
    if let value = try? decoder.decode(type, from: Data(bytes)) { return value }
    let repaired = Array(String(decoding: bytes, as: UTF8.self).utf8)
    return repaired == bytes ? nil : try? decoder.decode(type, from: Data(repaired))
  }
}
