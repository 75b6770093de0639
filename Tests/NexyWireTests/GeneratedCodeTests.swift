import Crypto
import Foundation
import Testing

@Suite("The committed code belongs to the committed contract")
struct GeneratedCodeTests {
  private static let record = "Sources/NexyWire/Generated/generated.sha256"
  private static let protos = [
    "streaming", "grpc/health/v1/health", "grpc/reflection/v1/reflection", "grpc/reflection/v1alpha/reflection",
  ]
  private static let files =
    protos.map { "protos/\($0).proto" }
    + protos.flatMap { proto in
      ["grpc", "pb"].map { "Sources/NexyWire/Generated/\(proto.replacing("/", with: "_")).\($0).swift" }
    } + ["Sources/NexyWire/Generated/services.protoset"]

  @Test("the record names every contract and all that is generated")
  func complete() throws {
    #expect(try sums().keys.sorted() == Self.files.sorted())
  }

  @Test("a file is the one that was generated with the others", arguments: files)
  func unchanged(file: String) throws {
    let digest = SHA256.hash(data: try Repository.data(of: file)).map(Self.hexadecimal).joined()
    #expect(try sums()[file] == digest, "\(file) changed since the code was generated: run make proto")
  }

  /// The record's lines, as `sha256sum` and `shasum -a 256` print them: 64 digits, two blanks, the path.
  private func sums() throws -> [String: String] {
    var sums: [String: String] = [:]
    for line in try Repository.text(of: Self.record).split(separator: "\n") {
      let parts = try #require(try #/([0-9a-f]{64})  (\S+)/#.wholeMatch(in: line), "\(line): run make proto").output
      sums[String(parts.2)] = String(parts.1)
    }
    return sums
  }

  private static func hexadecimal(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }
}
