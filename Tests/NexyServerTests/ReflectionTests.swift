import NexyCore
import NexyWire
import SwiftProtobuf
import Testing

@testable import NexyServer

@Suite("Reflection tells tools what the server speaks")
struct ReflectionTests {
  private typealias Request = Grpc_Reflection_V1_ServerReflectionRequest

  private func answer(_ request: Request, isOn: Bool = true) throws -> Grpc_Reflection_V1_ServerReflectionResponse {
    try Reflection(schema: .own, isOn: { isOn }).answer(to: request)
  }

  @Test("all services are listed")
  func services() throws {
    let answer = try answer(.with { $0.listServices = "" })
    #expect(
      answer.listServicesResponse.service.map(\.name) == [
        "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection",
        "streaming.StreamingService",
      ])
  }

  private static let symbols = [
    ("streaming.StreamingService", "streaming.proto"), ("streaming.StreamingService.StreamAudio", "streaming.proto"),
    ("streaming.StreamRequest", "streaming.proto"), ("streaming.StreamRequest.prompt", "streaming.proto"),
    ("streaming.REQUEST_PHASE_COLLECT", "streaming.proto"), ("grpc.health.v1.Health", "grpc/health/v1/health.proto"),
    ("grpc.health.v1.HealthCheckResponse.ServingStatus", "grpc/health/v1/health.proto"),
    ("grpc.health.v1.HealthCheckResponse.NOT_SERVING", "grpc/health/v1/health.proto"),
  ]

  @Test("a symbol is found in its file", arguments: symbols)
  func symbol(name: String, file: String) throws {
    let found = try answer(.with { $0.fileContainingSymbol = name }).fileDescriptorResponse.fileDescriptorProto
    let files = try found.map { try Google_Protobuf_FileDescriptorProto(serializedBytes: $0).name }
    #expect(files == [file])
    let byName = try answer(.with { $0.fileByFilename = file }).fileDescriptorResponse.fileDescriptorProto
    #expect(byName == found)
  }

  @Test("what is not there is an error in the answer, and the stream goes on")
  func missing() throws {
    #expect(try answer(.with { $0.fileContainingSymbol = "no.such.Thing" }).errorResponse.errorCode == 5)
    #expect(try answer(.with { $0.fileByFilename = "no.proto" }).errorResponse.errorCode == 5)
    #expect(try answer(.with { $0.allExtensionNumbersOfType = "streaming.StreamRequest" }).errorResponse.errorCode == 5)
    #expect(try answer(Request()).errorResponse.errorCode == 3)
  }

  @Test("a request comes back in its answer")
  func original() throws {
    let request = Request.with {
      $0.host = "here"
      $0.listServices = "*"
    }
    #expect(try answer(request).originalRequest == request)
    #expect(try answer(request).validHost == "here")
  }

  @Test("it can be switched off")
  func switchedOff() {
    let error = #expect(throws: NexyError.self) { try answer(.with { $0.listServices = "" }, isOn: false) }
    #expect(error?.code == .switchedOff)
  }
}
