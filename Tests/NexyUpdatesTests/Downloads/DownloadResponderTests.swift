import Foundation
import Synchronization
import Testing

@testable import NexyUpdates

@Suite("GET and HEAD of downloads", .timeLimit(.minutes(1)))
struct DownloadResponderTests {
  @Test("A whole file comes with everything that tells what it is")
  func servesWhole() async throws {
    let folder = try TemporaryFolder()
    let bytes = try folder.write("Nexy.dmg", noise(1_000_003))
    try await DownloadServer.run(folder, .init(hashes: true)) { server in
      #expect(await server.checksums.next() == "Nexy.dmg")
      try await RawConnection.open(server.port) { connection in
        let response = try await connection.get("/downloads/Nexy.dmg")
        #expect(response.status == 200)
        #expect(response.body == bytes)
        let expected = [
          "content-length": "1000003", "content-type": "application/octet-stream",
          "content-disposition": "attachment; filename=\"Nexy.dmg\"", "accept-ranges": "bytes",
          "last-modified": "Sun, 06 Nov 1994 08:49:37 GMT", "etag": "\"\(sha256(bytes))\"",
          "x-content-type-options": "nosniff", "cache-control": "public, no-cache",
        ]
        #expect(response.fields.filter { $0.key != "date" } == expected)
        let head = try await connection.get("/downloads/Nexy.dmg", method: "HEAD")
        #expect(head.status == 200)
        #expect(head.fields.filter { $0.key != "date" } == expected)
        #expect(
          await server.ends.next()
            == DownloadEnd(
              name: "Nexy.dmg", sent: 1_000_003, announced: 1_000_003, reason: .complete))
        #expect(server.responder.active == 0)
      }
    }
    await folder.waitUntilClosed()
  }

  @Test("Without a checksum there is no tag, and ranges work by date")
  func servesUnknown() async throws {
    let folder = try TemporaryFolder()
    let bytes = try folder.write("Nexy.dmg", noise(100))
    try await DownloadServer.run(folder) { server in
      try await RawConnection.open(server.port) { connection in
        let whole = try await connection.get("/downloads/Nexy.dmg")
        #expect(whole.fields["etag"] == nil)
        let date = try #require(whole.fields["last-modified"])
        let part = try await connection.get("/downloads/Nexy.dmg", ["Range": "bytes=90-", "If-Range": date])
        #expect(part.status == 206)
        #expect(part.body == Array(bytes[90...]))
        let tagged = try await connection.get("/downloads/Nexy.dmg", ["Range": "bytes=90-", "If-Range": "\"x\""])
        #expect(tagged.status == 200)
        #expect(tagged.body == bytes)
      }
    }
  }

  struct RangeCase: Sendable {
    let range: String
    let status: Int
    let contentRange: String?
    let bytes: Range<Int>
    init(_ range: String, _ status: Int, _ contentRange: String?, _ bytes: Range<Int>) {
      (self.range, self.status, self.contentRange, self.bytes) = (range, status, contentRange, bytes)
    }
  }

  static let rangeCases: [RangeCase] = [
    RangeCase("bytes=0-0", 206, "bytes 0-0/1000", 0..<1),
    RangeCase("bytes=100-699", 206, "bytes 100-699/1000", 100..<700),
    RangeCase("bytes=256-", 206, "bytes 256-999/1000", 256..<1000),
    RangeCase("bytes=-10", 206, "bytes 990-999/1000", 990..<1000),
    RangeCase("bytes=0-5000", 206, "bytes 0-999/1000", 0..<1000), RangeCase("bytes=1-2,4-5", 200, nil, 0..<1000),
    RangeCase("bytes=x", 200, nil, 0..<1000),
  ]

  @Test("Ranges are cut at the byte, and the connection goes on")
  func servesRanges() async throws {
    let folder = try TemporaryFolder()
    let bytes = try folder.write("Nexy.dmg", noise(1000))
    // Pieces that neither the file nor the ranges are multiples of.
    try await DownloadServer.run(folder, .init(chunkBytes: 77)) { server in
      try await RawConnection.open(server.port) { connection in
        for example in Self.rangeCases {
          let response = try await connection.get("/downloads/Nexy.dmg", ["Range": example.range])
          #expect(response.status == example.status, "\(example)")
          #expect(response.fields["content-range"] == example.contentRange, "\(example)")
          #expect(response.body == Array(bytes[example.bytes]), "\(example)")
        }
      }
    }
  }

  @Test(
    "A range outside of the file is told the size, with the length of what is really sent",
    arguments: ["bytes=1000-", "bytes=-0"])
  func refusesRanges(_ range: String) async throws {
    let folder = try TemporaryFolder()
    try folder.write("Nexy.dmg", noise(1000))
    try await DownloadServer.run(folder) { server in
      try await RawConnection.open(server.port) { connection in
        let response = try await connection.get("/downloads/Nexy.dmg", ["Range": range])
        #expect(response.status == 416)
        #expect(response.fields["content-range"] == "bytes */1000")
        #expect(response.text == "The file has 1000 bytes and none in that range\n")
        #expect(try await connection.get("/downloads/Nexy.dmg").status == 200)
      }
    }
  }

  @Test("An empty file is served")
  func servesEmpty() async throws {
    let folder = try TemporaryFolder()
    try folder.write("empty.txt", [])
    try await DownloadServer.run(folder) { server in
      try await RawConnection.open(server.port) { connection in
        for (range, status) in [("", 200), ("bytes=0-", 416), ("bytes=-5", 200)] {
          let response = try await connection.get("/downloads/empty.txt", range.isEmpty ? [:] : ["Range": range])
          #expect(response.status == status)
          #expect(response.fields["content-length"] == (status == 200 ? "0" : "\(response.body.count)"))
        }
      }
    }
  }

  @Test("Requests that are sent all at once are answered in their order, each with its length")
  func pipelines() async throws {
    let folder = try TemporaryFolder()
    let bytes = try folder.write("Nexy.dmg", noise(300_000))
    try await DownloadServer.run(folder, .init(hashes: true)) { server in
      _ = await server.checksums.next()
      let tag = "\"\(sha256(bytes))\""
      try await RawConnection.open(server.port) { connection in
        let path = "/downloads/Nexy.dmg"
        let requests = [
          RawConnection.request(path, method: "HEAD"), RawConnection.request(path),
          RawConnection.request(path, ["If-None-Match": tag]), RawConnection.request(path, ["Range": "bytes=7-8"]),
          RawConnection.request("/downloads/none"), RawConnection.request(path, ["If-Match": "\"x\""]),
          RawConnection.request(path, method: "POST"), RawConnection.request(path, ["Range": "bytes=-1"]),
        ]
        try await connection.send(requests.joined())
        var answers: [(Int, Int)] = []
        for index in requests.indices {
          let response = try await connection.response(isHead: index == 0)
          answers.append((response.status, response.body.count))
          if response.status == 304 {
            #expect(response.fields["etag"] == tag)
            #expect(response.fields["content-length"] == nil)
          }
        }
        #expect(answers.map(\.0) == [200, 200, 304, 206, 404, 412, 405, 206])
        #expect(answers.map(\.1).prefix(4) == [0, 300_000, 0, 2])
      }
    }
  }

  static let escapes = [
    "..%2fsecret.txt", "..%2Fsecret.txt", "%2e%2e/secret.txt", "%2e%2e%2fsecret.txt", "..%5csecret.txt",
    "..%5Csecret.txt",
    "%252e%252e%252fsecret.txt", "..%252fsecret.txt", "%c0%ae%c0%ae%c0%afsecret.txt", "%e0%80%afsecret.txt",
    "..%c0%afsecret.txt",
    "../secret.txt", "..", "%2e%2e", "%2e", ".", "....//secret.txt", "..;/secret.txt", "/etc/passwd", "%2fetc%2fpasswd",
    "//etc/passwd", "Nexy.dmg%00", "Nexy.dmg%00.txt", "%00", "Nexy.dmg%2f", "Nexy.dmg%2f..%2fNexy.dmg",
    "folder%2fNexy.dmg",
    "up%2fsecret.txt", "up/secret.txt", "link.dmg", "inner.dmg", "loop.dmg", "folder", "up", "pipe.dmg", "zero.dmg",
    ".hidden",
    "%2ehidden", "Nexy.dmg.1.2.tmp", "Nexy.pkg~", "a%FF", "a%ff", "nexy.dmg", "Nexy.dmg%20", "%20Nexy.dmg",
    "Nexy.dmg%0a",
    "Nexy.dmg%0d%0aX:%20y", "Nexy%", "Nexy.dmg%2", "Nexy.dmg%zz", "*", "~", "%7eroot", "file:///etc/passwd", "con",
    String(repeating: "a", count: 5000), String(repeating: "%41", count: 300),
    String(repeating: "%2e%2e%2f", count: 50) + "etc%2fpasswd",
  ]

  @Test("No spelling leads out of the folder's own list")
  func staysInFolder() async throws {
    let (folder, outside, served) = try DownloadFolderTests.everyKind()
    try await DownloadServer.run(folder) { server in
      try await RawConnection.open(server.port) { connection in
        for name in Self.escapes {
          let response = try await connection.get("/downloads/" + name)
          #expect(response.status == 404, "\(name)")
          #expect(!response.text.contains("secret"), "\(name)")
        }
        for name in served {
          let path = name.utf8.map { byte in "%" + String(format: "%02x", byte) }.joined()
          let response = try await connection.get("/downloads/" + path)
          #expect(response.status == 200)
          #expect(response.text == (name == "hard.txt" ? "secret" : name))
        }
        let missing = try await connection.get("/downloads/nothing.dmg")
        #expect(missing.text == "File not found\n")
        #expect(missing.fields["content-type"] == "text/plain; charset=utf-8")
      }
    }
    withExtendedLifetime(outside) {}
  }

  @Test("A hidden channel's file answers as one that is not there, from one request to the next")
  func hides() async throws {
    let folder = try TemporaryFolder()
    try folder.write("Nexy-beta.dmg", [1, 2, 3])
    let isOn = Atomic(false)
    try await DownloadServer.run(
      folder, .init(isVisible: { isOn.load(ordering: .relaxed) || !$0.name.contains("beta") })
    ) { server in
      try await RawConnection.open(server.port) { connection in
        let hidden = try await connection.get("/downloads/Nexy-beta.dmg", ["Range": "bytes=0-0"])
        let missing = try await connection.get("/downloads/none.dmg")
        #expect(hidden.status == 404)
        #expect(hidden.body == missing.body)
        #expect(hidden.fields == missing.fields.merging(["date": hidden.fields["date"] ?? ""]) { $1 })
        isOn.store(true, ordering: .relaxed)
        #expect(try await connection.get("/downloads/Nexy-beta.dmg").body == [1, 2, 3])
      }
    }
  }

  @Test("The visible files are listed with what is known of them")
  func lists() async throws {
    let folder = try TemporaryFolder()
    let bytes = try folder.write("Nexy.dmg", noise(100))
    try folder.write("beta.dmg", [1])
    let (files, events) = (DownloadFolder(path: folder.path), Events<String>())
    let ledger = ChecksumLedger(folder: files, now: { TemporaryFolder.settled }, onRecorded: { events.send($0.name) })
    let shelf = DownloadShelf(folder: files, ledger: ledger) { $0.name != "beta.dmg" }
    let before = try await shelf.items()
    #expect(before.files.map(\.name) == ["Nexy.dmg"])
    #expect(before.files[0].checksum == nil)
    let work = Task { await ledger.run() }
    _ = await events.next(2)
    work.cancel()
    await work.value
    let after = try await shelf.items()
    #expect(after.files[0].checksum == sha256(bytes))
    #expect(after.files[0].size == 100)
  }
}
