import Foundation
import NexyTestSupport
import Testing

@testable import NexyUpdates

@Suite("Bodies of downloads", .timeLimit(.minutes(1)))
struct DownloadStreamTests {
  /// Four pieces of 4 KiB, a second each: while the clock stands still, so does the download. Nothing is a stall, so
  /// that the clock may run as it likes.
  static let paced = DownloadServer.Setting(limits: DownloadLimits(concurrent: 1, rate: 4096, stall: .zero))
  static let size = 4 * 4096

  /// The first piece has come, and the second is read and waits.
  static func begin(_ connection: inout RawConnection, _ server: DownloadServer) async throws -> [UInt8] {
    try await connection.send(RawConnection.request("/downloads/Nexy.dmg"))
    #expect(try await connection.head().status == 200)
    let first = try await connection.bytes(4096)
    await server.clock.waitForSleepers(1)
    return first
  }

  @Test("The rate is kept on the clock")
  func keepsRate() async throws {
    let folder = try TemporaryFolder()
    let bytes = try folder.write("Nexy.dmg", noise(Self.size))
    try await DownloadServer.run(folder, Self.paced) { server in
      try await RawConnection.open(server.port) { connection in
        var received = try await Self.begin(&connection, server)
        for _ in 0..<3 {
          server.clock.advance(by: .milliseconds(999))
          await server.clock.waitForSleepers(1)
          server.clock.advance(by: .milliseconds(1))
          received += try await connection.bytes(4096)
          if received.count < Self.size { await server.clock.waitForSleepers(1) }
        }
        #expect(received == bytes)
        #expect(await server.ends.next()?.reason == .complete)
      }
    }
  }

  @Test("A file replaced during a download goes on to its own end")
  func survivesReplacing() async throws {
    let folder = try TemporaryFolder()
    let old = try folder.write("Nexy.dmg", noise(Self.size))
    try await DownloadServer.run(folder, Self.paced) { server in
      try await RawConnection.open(server.port) { connection in
        let first = try await Self.begin(&connection, server)
        try folder.write("next", noise(Self.size / 2, seed: 2))
        #expect(rename(folder.path("next"), folder.path("Nexy.dmg")) == 0)
        let running = server.clock.runs(by: .seconds(1))
        defer { running.cancel() }
        let rest = try await connection.bytes(Self.size - 4096)
        #expect(first + rest == old)
        #expect(await server.ends.next()?.reason == .complete)
        let next = try await connection.get("/downloads/Nexy.dmg", method: "HEAD")
        #expect(next.fields["content-length"] == "\(Self.size / 2)")
      }
    }
    await folder.waitUntilClosed()
  }

  @Test("A file removed during a download goes on to its end")
  func survivesRemoving() async throws {
    let folder = try TemporaryFolder()
    let old = try folder.write("Nexy.dmg", noise(Self.size))
    try await DownloadServer.run(folder, Self.paced) { server in
      try await RawConnection.open(server.port) { connection in
        let first = try await Self.begin(&connection, server)
        try FileManager.default.removeItem(atPath: folder.path("Nexy.dmg"))
        let running = server.clock.runs(by: .seconds(1))
        defer { running.cancel() }
        #expect(try await first + connection.bytes(Self.size - 4096) == old)
      }
    }
  }

  @Test("A file written to or cut during a download is broken off, never mixed", arguments: ["written", "cut"])
  func breaksOff(_ change: String) async throws {
    let folder = try TemporaryFolder()
    let old = try folder.write("Nexy.dmg", noise(Self.size))
    try await DownloadServer.run(folder, Self.paced) { server in
      try await RawConnection.open(server.port) { connection in
        var received = try await Self.begin(&connection, server)
        let handle = try FileHandle(forUpdating: URL(filePath: folder.path("Nexy.dmg")))
        if change == "cut" {
          try handle.truncate(atOffset: 10)
        } else {
          try handle.write(contentsOf: noise(Self.size, seed: 2))
        }
        try handle.close()
        let running = server.clock.runs(by: .seconds(1))
        defer { running.cancel() }
        await #expect(throws: RawConnection.BrokenOff.self) {
          while true { received += try await connection.bytes(1) }
        }
        #expect(received == Array(old.prefix(received.count)))
        #expect(received.count < Self.size)
        let end = await server.ends.next()
        #expect(end?.reason == .changed)
        #expect(end?.announced == Int64(Self.size))
        #expect(server.responder.active == 0)
      }
    }
    await folder.waitUntilClosed()
  }

  @Test("Beyond the limit a download is put off, and what has no body is not")
  func limits() async throws {
    let folder = try TemporaryFolder()
    try folder.write("Nexy.dmg", noise(Self.size))
    try await DownloadServer.run(folder, Self.paced) { server in
      try await RawConnection.open(server.port) { first in
        _ = try await Self.begin(&first, server)
        #expect(server.responder.active == 1)
        try await RawConnection.open(server.port) { second in
          let refused = try await second.get("/downloads/Nexy.dmg", ["Range": "bytes=0-0"])
          #expect(refused.status == 503)
          #expect(refused.fields["retry-after"] == "10")
          #expect(refused.text == "Too many downloads at once; try again in 10 seconds\n")
          #expect(try await second.get("/downloads/Nexy.dmg", method: "HEAD").status == 200)
          #expect(try await second.get("/downloads/Nexy.dmg", ["If-None-Match": "*"]).status == 304)
          #expect(try await second.get("/downloads/Nexy.dmg", ["Range": "bytes=99999-"]).status == 416)
          let running = server.clock.runs(by: .seconds(1))
          defer { running.cancel() }
          _ = try await first.bytes(Self.size - 4096)
          #expect(await server.ends.next()?.reason == .complete)
          #expect(try await second.get("/downloads/Nexy.dmg").status == 200)
        }
      }
    }
  }

  @Test("A client that does not read loses its download and its slot")
  func endsStalls() async throws {
    let folder = try TemporaryFolder()
    // More than the buffers of two sockets take.
    try folder.writeSparse("Nexy.dmg", size: 256 << 20)
    try await DownloadServer.run(folder) { server in
      try await RawConnection.open(server.port) { connection in
        try await connection.send(RawConnection.request("/downloads/Nexy.dmg"))
        let running = server.clock.runs(by: .seconds(20))
        defer { running.cancel() }
        let end = await server.ends.next()
        #expect(end?.reason == .stalled)
        #expect((end?.sent ?? .max) < 256 << 20)
        #expect(server.responder.active == 0)
      }
    }
    await folder.waitUntilClosed()
  }

  @Test("A client that leaves gives its slot and the file back")
  func endsWithClient() async throws {
    let folder = try TemporaryFolder()
    try folder.writeSparse("Nexy.dmg", size: 256 << 20)
    try await DownloadServer.run(folder) { server in
      try await RawConnection.open(server.port) { connection in
        try await connection.send(RawConnection.request("/downloads/Nexy.dmg"))
        _ = try await connection.bytes(100_000)
      }
      #expect(await server.ends.next()?.reason == .left)
      #expect(server.responder.active == 0)
    }
    await folder.waitUntilClosed()
  }
}
