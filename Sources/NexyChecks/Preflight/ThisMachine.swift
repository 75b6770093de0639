import Foundation
import NIOCore

/// Whether a host is this machine, without asking anybody: by loopback, by its own name, by its interfaces.
enum ThisMachine {
  static func `is`(_ host: String) -> Bool {
    let host = host.lowercased()
    if host == "localhost" || host == "::1" { return true }
    if (try? SocketAddress(ipAddress: host, port: 1)) == nil {
      return host == name()?.lowercased()
    }
    if host.hasPrefix("127.") { return true }
    let addresses = (try? System.enumerateDevices())?.compactMap { $0.address?.ipAddress } ?? []
    return addresses.contains { $0.lowercased() == host }
  }

  private static func name() -> String? {
    // A name has 255 bytes at most (POSIX: HOST_NAME_MAX).
    var bytes = [CChar](repeating: 0, count: 256)
    guard gethostname(&bytes, bytes.count - 1) == 0 else { return nil }
    return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
