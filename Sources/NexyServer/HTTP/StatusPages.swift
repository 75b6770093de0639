import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NexyCore

/// Facts that `/health` and `/status` tell.
package struct ServerFacts: Sendable {
  /// The newest release of the client.
  package var latestVersion: String
  package var latestBuild: String
  /// The language model and the speech engine that answer.
  package var model: String
  package var voice: String
  /// Whether the speech engine was found when the server started.
  package var voiceAvailable: Bool
  /// The port that gRPC clients really connect to; nil before it listens.
  package var grpcPort: @Sendable () -> Int?
  /// Whether ffmpeg is installed: nothing here needs it, but operators' checks read the field.
  package var ffmpegAvailable: Bool
  /// How many turns and welcomes run now.
  package var activeTurns: @Sendable () -> Int

  package init(
    latestVersion: String, latestBuild: String, model: String, voice: String, voiceAvailable: Bool = true,
    ffmpegAvailable: Bool,
    grpcPort: @escaping @Sendable () -> Int?, activeTurns: @escaping @Sendable () -> Int
  ) {
    self.latestVersion = latestVersion
    self.latestBuild = latestBuild
    self.model = model
    self.voice = voice
    self.voiceAvailable = voiceAvailable
    self.ffmpegAvailable = ffmpegAvailable
    self.grpcPort = grpcPort
    self.activeTurns = activeTurns
  }
}

/// The pages of the voice server's HTTP side.
struct StatusPages {
  private struct Health: Encodable {
    let status = "OK"
    let latestVersion: String
    let latestBuild: String
    let serverVersion = Nexy.version
    let ffmpegAvailable: Bool
  }

  private struct Status: Encodable {
    struct Endpoints: Encodable {
      let health = "/health"
      let status = "/status"
      let grpc: String
      let updates = "disabled"
    }

    let status = "running"
    let service = "voice-assistant"
    let latestVersion: String
    let latestBuild: String
    let serverVersion = Nexy.version
    let model: String
    let voice: String
    let voiceAvailable: Bool
    let activeTurns: Int
    let updateServer = "disabled"
    let endpoints: Endpoints
  }

  let facts: ServerFacts

  func health() throws -> Response {
    let body = Health(
      latestVersion: facts.latestVersion, latestBuild: facts.latestBuild, ffmpegAvailable: facts.ffmpegAvailable)
    return try JSONAnswer.make(
      body, headers: [.cacheControl: "public, max-age=30", HTTPField.Name("Pragma")!: "no-cache", .expires: "0"])
  }

  func status() throws -> Response {
    let body = Status(
      latestVersion: facts.latestVersion, latestBuild: facts.latestBuild, model: facts.model, voice: facts.voice,
      voiceAvailable: facts.voiceAvailable,
      activeTurns: facts.activeTurns(),
      endpoints: .init(grpc: facts.grpcPort().map { "port \($0)" } ?? "starting"))
    return try JSONAnswer.make(body)
  }

  func root() -> Response {
    Response(
      status: .ok, headers: [.contentType: "text/plain; charset=utf-8"],
      body: .init(byteBuffer: ByteBuffer(string: "Voice Assistant Server is running!\n")))
  }
}

/// JSON bodies: keys in snake case, sorted.
enum JSONAnswer {
  struct Failure: Encodable {
    let error: String
  }

  static func make(
    _ body: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
  ) throws -> Response {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var headers = headers
    headers[.contentType] = "application/json; charset=utf-8"
    let bytes = ByteBuffer(bytes: try encoder.encode(body) + [0x0A])
    headers[.contentLength] = "\(bytes.readableBytes)"
    return Response(status: status, headers: headers, body: .init(byteBuffer: bytes))
  }
}
