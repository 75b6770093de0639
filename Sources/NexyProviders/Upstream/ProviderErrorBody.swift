import NIOCore
import NexyCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A provider's error object, as OpenAI and those who copy it write it, or as Google does.
///
/// https://platform.openai.com/docs/guides/error-codes, https://cloud.google.com/apis/design/errors
struct ProviderErrorBody: Sendable {
  /// Its codes, types and reasons: words made for machines.
  private(set) var words: [String] = []
  /// A status inside the object, for those that come in a stream.
  private(set) var status: Int?
  /// `google.rpc.RetryInfo`.
  private(set) var retryDelay: Duration?
  /// Google gives a key that has expired no reason of its own.
  private(set) var saysExpired = false

  init(_ bytes: ByteBuffer) {
    guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes.readableBytesView)) else { return }
    self.init(value)
  }

  /// - Parameters:
  ///   - value: the object itself, or an object or an array around it.
  init(_ value: JSONValue) {
    var value = value
    // A stream that Google could not begin is an array of one.
    if case .array(let elements) = value { value = elements.first ?? .null }
    let error = value.object?["error"]?.object ?? value.object ?? [:]
    saysExpired = error["message"]?.string?.lowercased().contains("expired") ?? false
    if case .integer(let code) = error["code"] { status = Int(exactly: code) }
    for member in ["status", "code", "type", "param"] { addWord(error[member]) }
    guard case .array(let details) = error["details"] else { return }
    for detail in details.compactMap(\.object) {
      addWord(detail["reason"])
      if let delay = detail["retryDelay"]?.string { retryDelay = RetryDelay.stated(as: delay) }
      for list in ["fieldViolations", "violations"] {
        guard case .array(let violations) = detail[list] else { continue }
        for violation in violations.prefix(4).compactMap(\.object) {
          addWord(violation["field"])
          addWord(violation["quotaId"])
        }
      }
    }
  }

  private mutating func addWord(_ value: JSONValue?) {
    guard let word = value?.string, (1...64).contains(word.utf8.count), words.count < 16 else { return }
    let isForMachines = word.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || "_.-[]".utf8.contains(byte)
    }
    if isForMachines, !words.contains(word), Redaction.masked(word) == word { words.append(word) }
  }
}
