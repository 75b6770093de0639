import Foundation
import GRPCCore
import NexyCore
import NexyWire
import SwiftProtobuf

/// Server reflection: tells tools which services there are and how their messages look.
struct Reflection: Sendable {
  let schema: WireSchema
  /// Asked for each request, so that the feature can be switched off.
  let isOn: @Sendable () -> Bool

  func answer(
    to request: Grpc_Reflection_V1_ServerReflectionRequest
  ) throws(NexyError) -> Grpc_Reflection_V1_ServerReflectionResponse {
    guard isOn() else {
      throw NexyError(.switchedOff, "Server reflection is switched off (features.grpc_reflection).")
    }
    var response = Grpc_Reflection_V1_ServerReflectionResponse()
    response.validHost = request.host
    response.originalRequest = request
    switch request.messageRequest {
    case .listServices:
      response.listServicesResponse.service = schema.services.map { name in .with { $0.name = name } }
    case .fileByFilename(let name): response.fill(schema.file(named: name), missing: "no file \(name)")
    case .fileContainingSymbol(let symbol):
      response.fill(schema.file(declaring: symbol), missing: "no symbol \(symbol)")
    case .fileContainingExtension, .allExtensionNumbersOfType:
      response.fill(nil, missing: "there are no extensions")
    case nil: response.fail(.invalidArgument, "the request asks for nothing")
    }
    return response
  }
}

extension Grpc_Reflection_V1_ServerReflectionResponse {
  fileprivate mutating func fill(_ files: [Data]?, missing: String) {
    guard let files else { return fail(.notFound, missing) }
    fileDescriptorResponse.fileDescriptorProto = files
  }

  fileprivate mutating func fail(_ code: RPCError.Code, _ message: String) {
    errorResponse.errorCode = Int32(Status.Code(code).rawValue)
    errorResponse.errorMessage = message
  }
}

/// The version that tools ask for first.
struct ReflectionService: Grpc_Reflection_V1_ServerReflection.SimpleServiceProtocol {
  let reflection: Reflection

  func serverReflectionInfo(
    request: RPCAsyncSequence<Grpc_Reflection_V1_ServerReflectionRequest, any Error>,
    response: RPCWriter<Grpc_Reflection_V1_ServerReflectionResponse>, context: ServerContext
  ) async throws {
    for try await question in request { try await response.write(reflection.answer(to: question)) }
  }
}

/// The version that older tools know: the same messages under another name.
struct OldReflectionService: Grpc_Reflection_V1alpha_ServerReflection.SimpleServiceProtocol {
  let reflection: Reflection

  func serverReflectionInfo(
    request: RPCAsyncSequence<Grpc_Reflection_V1alpha_ServerReflectionRequest, any Error>,
    response: RPCWriter<Grpc_Reflection_V1alpha_ServerReflectionResponse>, context: ServerContext
  ) async throws {
    for try await question in request {
      let new = try Grpc_Reflection_V1_ServerReflectionRequest(serializedBytes: question.serializedData())
      let answer = try reflection.answer(to: new).serializedData()
      try await response.write(Grpc_Reflection_V1alpha_ServerReflectionResponse(serializedBytes: answer))
    }
  }
}

extension NexyError.Code {
  /// A feature is switched off.
  static let switchedOff = Self("switched_off")
}
