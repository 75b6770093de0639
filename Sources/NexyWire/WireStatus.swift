import GRPCCore

/// Statuses as operators' tools spell them.
package enum WireStatus {
  /// Such as `INVALID_ARGUMENT`.
  package static func name(of status: RPCError.Code) -> String {
    if status == .internalError { return "INTERNAL" }
    return String(describing: status).reduce(into: "") { name, letter in
      if letter.isUppercase { name += "_" }
      name += letter.uppercased()
    }
  }

  /// The name of a `grpc-status`; a number that is none is UNKNOWN (gRPC's statuscodes.md).
  package static func name(ofNumber number: Int) -> String {
    if number == 0 { return "OK" }
    return name(of: Status.Code(rawValue: number).flatMap(RPCError.Code.init) ?? .unknown)
  }
}
