import NIOCore
import NexyCore

/// A POST to a provider.
package struct UpstreamRequest: Sendable {
  package var url: String
  package var headers: [(name: String, value: String)]
  package var body: ByteBuffer
  /// The type of content the answer must begin with; nil takes any.
  package var expects: String?

  /// - Parameters:
  ///   - headers: What is sent beside the body's type; `Authorization` and the like belong here.
  package init(url: String, headers: [(name: String, value: String)] = [], json: JSONValue, expects: String? = nil) {
    self.url = url
    self.headers = [("Content-Type", "application/json")] + headers
    self.body = JSONBytes.encoded(json)
    self.expects = expects
  }
}

/// Neither the values of headers nor the body, which holds what the user said, are ever shown.
extension UpstreamRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String {
    "POST \(Redaction.masked(String(url.prefix { $0 != "?" }))) (\(body.readableBytes) bytes)"
  }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: [:]) }
}
