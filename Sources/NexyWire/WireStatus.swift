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
}
