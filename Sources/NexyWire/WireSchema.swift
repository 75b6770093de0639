import Foundation
import SwiftProtobuf

/// The contracts this server speaks, as their own compiler describes them.
package struct WireSchema: Sendable {
  /// What `make proto` compiled.
  package static let own = WireSchema(Data(PackageResources.services_protoset))

  /// Full names of the services.
  package let services: [String]
  private let files: [String: Google_Protobuf_FileDescriptorProto]
  /// The file that declares each service, method, message, field, enum and value.
  private let homes: [String: String]

  /// - Parameter bytes: A serialized `FileDescriptorSet`; one that cannot be read describes nothing.
  init(_ bytes: Data) {
    let set = (try? Google_Protobuf_FileDescriptorSet(serializedBytes: bytes)) ?? Google_Protobuf_FileDescriptorSet()
    files = Dictionary(set.file.map { ($0.name, $0) }) { first, _ in first }
    services = set.file.flatMap { file in file.service.map { "\(file.package).\($0.name)" } }.sorted()
    homes = Dictionary(set.file.flatMap { file in Self.symbols(of: file).map { ($0, file.name) } }) { first, _ in first
    }
  }

  /// A file by its name and all it imports, serialized; nil when there is none.
  package func file(named name: String) -> [Data]? {
    guard let file = files[name] else { return nil }
    return [file].compactMap { try? $0.serializedData() } + file.dependency.flatMap { self.file(named: $0) ?? [] }
  }

  /// The file that declares a symbol by its full name, and all it imports.
  package func file(declaring symbol: String) -> [Data]? {
    homes[symbol].flatMap { file(named: $0) }
  }

  private static func symbols(of file: Google_Protobuf_FileDescriptorProto) -> [String] {
    file.service.flatMap { service -> [String] in
      let name = "\(file.package).\(service.name)"
      return [name] + service.method.map { "\(name).\($0.name)" }
    }
      + file.messageType.flatMap { symbols(of: $0, in: file.package) }
      + file.enumType.flatMap { symbols(of: $0, in: file.package) }
  }

  private static func symbols(of message: Google_Protobuf_DescriptorProto, in scope: String) -> [String] {
    let name = "\(scope).\(message.name)"
    return [name] + message.field.map { "\(name).\($0.name)" }
      + message.nestedType.flatMap { symbols(of: $0, in: name) }
      + message.enumType.flatMap { symbols(of: $0, in: name) }
  }

  /// The values of an enum are named in the scope around it.
  private static func symbols(of type: Google_Protobuf_EnumDescriptorProto, in scope: String) -> [String] {
    ["\(scope).\(type.name)"] + type.value.map { "\(scope).\($0.name)" }
  }
}
