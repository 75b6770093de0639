import Foundation
import GRPCCore
import NIOCore
import NexyCore

/// Finds who listens on a port, so that a busy port can be told with its holder.
package enum PortHolder {
  /// The error of a listener that could not start.
  package static func listenError(
    service: String, setting: String, host: String, port: Int, _ error: any Error
  ) -> NexyError {
    let busy = isAddressInUse(error)
    guard busy, let holder = holder(of: port) else {
      return NexyError(
        .cannotListen,
        busy
          ? "Port \(port) on \(host) is taken; lsof -nP -iTCP:\(port) -sTCP:LISTEN names its holder. Set \(setting)_PORT."
          : "The \(service) listener cannot use \(host):\(port); check \(setting)_HOST and \(setting)_PORT.",
        cause: error)
    }
    return NexyError(
      .portBusy, "Port \(port) is in use by \(holder). Stop it, or set \(setting)_PORT to another port.", cause: error)
  }

  private static func isAddressInUse(_ error: any Error) -> Bool {
    switch error {
    case let error as IOError: error.errnoCode == EADDRINUSE
    case let error as RuntimeError: error.cause.map(isAddressInUse) ?? false
    default: false
    }
  }

  /// The process that listens on a TCP port, such as `process 4242 (python3)`; nil when nobody does.
  static func holder(of port: Int) -> String? {
    #if os(Linux)
    let inodes = Set(["/proc/net/tcp", "/proc/net/tcp6"].flatMap { listeningInodes(in: $0, port: port) })
    guard !inodes.isEmpty else { return nil }
    for process in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] where Int(process) != nil {
      let folder = "/proc/\(process)/fd"
      for descriptor in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
        guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(descriptor)"),
          target.hasPrefix("socket:["), inodes.contains(String(target.dropFirst(8).dropLast()))
        else { continue }
        let name = try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8)
        return "process \(process) (\(name?.split(separator: "\n").first ?? "unknown"))"
      }
    }
    return "another user's process"
    #else
    return nil
    #endif
  }

  #if os(Linux)
  /// Inodes of sockets in state LISTEN (0A) on a port, from the kernel's table (proc(5)).
  private static func listeningInodes(in table: String, port: Int) -> [String] {
    let suffix =
      ":" + String(repeating: "0", count: 4 - String(port, radix: 16).count) + String(port, radix: 16).uppercased()
    return text(of: table).split(separator: "\n").dropFirst().compactMap { line in
      let fields = line.split(separator: " ")
      guard fields.count > 9, fields[1].hasSuffix(suffix), fields[3] == "0A" else { return nil }
      return String(fields[9])
    }
  }

  /// A file of the kernel's to its very end: a read of such a file may give a part of it, which Foundation takes for all.
  private static func text(of path: String) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while case let count = read(descriptor, &piece, piece.count), count > 0 { bytes += piece[..<count] }
    return String(decoding: bytes, as: UTF8.self)
  }
  #endif
}

extension NexyError.Code {
  /// Another process listens on the port.
  package static let portBusy = Self("port_busy")
  /// The address cannot be bound.
  package static let cannotListen = Self("cannot_listen")
}
