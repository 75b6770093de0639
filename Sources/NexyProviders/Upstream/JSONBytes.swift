import NIOCore
import NexyCore

/// JSON as it is sent: a screenshot of megabytes goes through it in one copy.
enum JSONBytes {
  static func encoded(_ value: JSONValue) -> ByteBuffer {
    var buffer = ByteBuffer()
    write(value, to: &buffer)
    return buffer
  }

  private static func write(_ value: JSONValue, to buffer: inout ByteBuffer) {
    switch value {
    case .null: buffer.writeStaticString("null")
    case .bool(let value): buffer.writeString(value ? "true" : "false")
    case .integer(let value): buffer.writeString("\(value)")
    // JSON knows no infinity.
    case .number(let value): buffer.writeString(value.isFinite ? "\(value)" : "null")
    case .string(let value): write(value, to: &buffer)
    case .array(let values):
      buffer.writeStaticString("[")
      for (index, value) in values.enumerated() {
        if index > 0 { buffer.writeStaticString(",") }
        write(value, to: &buffer)
      }
      buffer.writeStaticString("]")
    case .object(let members):
      buffer.writeStaticString("{")
      for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
        if index > 0 { buffer.writeStaticString(",") }
        write(member.key, to: &buffer)
        buffer.writeStaticString(":")
        write(member.value, to: &buffer)
      }
      buffer.writeStaticString("}")
    }
  }

  private static func write(_ text: String, to buffer: inout ByteBuffer) {
    var text = text
    buffer.writeStaticString("\"")
    text.withUTF8 { bytes in
      var start = 0
      for (index, byte) in bytes.enumerated() where byte < 0x20 || byte == 0x22 || byte == 0x5C {
        buffer.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[start..<index]))
        start = index + 1
        switch byte {
        case 0x22, 0x5C: buffer.writeBytes([0x5C, byte])
        default: buffer.writeBytes("\\u00".utf8 + [hexadecimal(byte >> 4), hexadecimal(byte & 15)])
        }
      }
      buffer.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[start...]))
    }
    buffer.writeStaticString("\"")
  }

  private static func hexadecimal(_ digit: UInt8) -> UInt8 { digit < 10 ? 0x30 + digit : 0x57 + digit }
}
