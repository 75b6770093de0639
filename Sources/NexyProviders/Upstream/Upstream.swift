import NexyCore
import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// One provider over HTTP: sends a request, lets only an answer of success through, and makes a `ProviderFault` of
/// everything else.
///
/// The client it is given follows no redirects; see `HTTPClient.Configuration.upstream`.
package struct Upstream: Sendable {
  /// What a fault calls the provider, and the settings that its remedy names.
  package struct Vendor: Sendable {
    /// As a sentence names it, such as "Azure Speech".
    package var name: String
    /// The setting that holds the key.
    package var keySetting: String
    /// The setting that holds the base URL.
    package var addressSetting: String
    /// The setting that names the model or the voice.
    package var modelSetting: String

    package init(name: String, keySetting: String, addressSetting: String, modelSetting: String) {
      self.name = name
      self.keySetting = keySetting
      self.addressSetting = addressSetting
      self.modelSetting = modelSetting
    }
  }

  /// What a provider's own error body says; nil leaves it to the status.
  package typealias Explanation = @Sendable (HTTPResponseStatus, HTTPHeaders, [UInt8]) -> ProviderFault?

  /// Bytes of an error body that are read; the rest is left.
  static let explanationBytes = 64 * 1024
  /// How long an error body may take; after that the status alone tells.
  static let explanationLimit = Duration.seconds(2)

  package let vendor: Vendor
  private let client: HTTPClient
  private let clock: any Clock<Duration>

  package init(client: HTTPClient, vendor: Vendor, clock: any Clock<Duration> = SharedClock()) {
    self.client = client
    self.vendor = vendor
    self.clock = clock
  }

  /// Sends a request and returns once the head of a 2xx answer is there; dropping the answer closes its connection.
  ///
  /// - Parameter explain: Reads the provider's own error body, at most `explanationBytes` of it.
  /// - Throws: `ProviderFault`, or `CancellationError` when the calling task is cancelled, which ends the request.
  package func open(
    _ request: HTTPClientRequest, explain: Explanation = { _, _, _ in nil }
  ) async throws -> UpstreamAnswer {
    try Task.checkCancellation()
    let response: HTTPClientResponse
    do {
      // The chain above bounds the wait by cancelling this task.
      response = try await client.execute(request, deadline: .distantFuture)
    } catch {
      throw vendor.failure(error, isInBody: false)
    }
    let answer = UpstreamAnswer(response, vendor: vendor)
    let status = response.status
    guard (200..<300).contains(status.code) else {
      if (300..<400).contains(status.code) { throw vendor.fault(of: status, response.headers) }
      let body = try await beginning(of: answer.body)
      throw explain(status, response.headers, body) ?? vendor.fault(of: status, response.headers)
    }
    guard answer.isPlain else {
      throw ProviderFault(
        .malformed, "\(vendor.name) sent a compressed answer that was not asked for: check \(vendor.addressSetting).")
    }
    return answer
  }

  /// What arrives of an error body within its limits.
  private func beginning(of body: UpstreamBody) async throws -> [UInt8] {
    let bytes = await withTaskGroup(of: [UInt8]?.self) { group in
      group.addTask {
        var bytes: [UInt8] = []
        // A body that breaks off explains as far as it goes.
        try? await body.forEach { buffer in
          bytes += buffer.readableBytesView.prefix(Self.explanationBytes - bytes.count)
          return bytes.count < Self.explanationBytes
        }
        return bytes
      }
      group.addTask {
        try? await clock.sleep(for: Self.explanationLimit)
        return nil
      }
      var bytes: [UInt8]?
      for await result in group {
        bytes = bytes ?? result
        group.cancelAll()
      }
      return bytes ?? []
    }
    try Task.checkCancellation()
    return bytes
  }
}
