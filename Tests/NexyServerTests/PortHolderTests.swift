#if os(Linux)
import Foundation
import GRPCCore
import Glibc
import NIOCore
import NexyCore
import Testing

@testable import NexyServer

@Suite("A busy port is told with who holds it")
struct PortHolderTests {
  @Test("the process that listens on a port is found")
  func finds() throws {
    let socket = try BoundSocket(listens: true)
    let holder = try #require(PortHolder.holder(of: socket.port))
    #expect(holder.hasPrefix("process \(getpid()) ("))
    #expect(holder.hasSuffix(")"))
  }

  @Test("a listener on IPv6 is found")
  func findsIPv6() throws {
    guard let socket = try? BoundSocket(listens: true, family: AF_INET6) else { return }
    #expect(PortHolder.holder(of: socket.port)?.hasPrefix("process \(getpid()) (") == true)
  }

  @Test("a port that nobody listens on has no holder")
  func nobody() throws {
    #expect(PortHolder.holder(of: try BoundSocket(listens: false).port) == nil)
  }

  @Test("the error of a busy port names the port, its holder and the setting")
  func busy() throws {
    let socket = try BoundSocket(listens: true)
    let error = PortHolder.listenError(
      service: "gRPC", setting: "GRPC", host: "127.0.0.1", port: socket.port,
      RuntimeError(
        code: .transportError, message: "", cause: IOError(errnoCode: EADDRINUSE, reason: "bind")))
    #expect(error.code == .portBusy)
    for part in ["\(socket.port)", "process \(getpid())", "GRPC_PORT"] { #expect(error.message.contains(part)) }
  }

  @Test("the error of an address that cannot be had names it and the setting")
  func refused() {
    let error = PortHolder.listenError(service: "HTTP", setting: "HTTP", host: "nowhere", port: 0, Refusal())
    #expect(error.code == .cannotListen)
    for part in ["HTTP", "nowhere", "HTTP_HOST", "HTTP_PORT"] { #expect(error.message.contains(part)) }
  }

  private struct Refusal: Error {}
}

/// A TCP socket of this process on a free port of loopback.
private final class BoundSocket {
  let port: Int
  private let descriptor: Int32

  struct Unavailable: Error {}

  init(listens: Bool, family: Int32 = AF_INET) throws {
    let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
    self.descriptor = descriptor
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    storage.ss_family = sa_family_t(family)
    withUnsafeMutableBytes(of: &storage) { bytes in
      // The address stands behind family and port, and in IPv6 behind the flow too.
      if family == AF_INET {
        bytes[4] = 127
        bytes[7] = 1
      } else {
        bytes[23] = 1
      }
    }
    let size = socklen_t(family == AF_INET ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size)
    let isBound = withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, size) == 0 && getsockname(descriptor, address, &length) == 0
      }
    }
    port = withUnsafeBytes(of: &storage) { Int($0[2]) << 8 | Int($0[3]) }
    guard descriptor >= 0, isBound, !listens || listen(descriptor, 1) == 0 else {
      close(descriptor)
      throw Unavailable()
    }
  }

  deinit { close(descriptor) }
}
#endif
