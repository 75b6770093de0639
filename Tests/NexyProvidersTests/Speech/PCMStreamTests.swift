import NexyTestSupport
import NexyVoice
import Testing

@testable import NexyProviders

@Suite struct PCMStreamTests {
  private static let vendor = Upstream.Vendor(
    name: "Somebody", keySetting: "KEY", addressSetting: "ADDRESS", modelSetting: "MODEL")

  private func samples(
    _ pieces: [[UInt8]], rate: Int = 24_000, contentType: String = ""
  ) throws -> [Int16] {
    var stream = try PCMStream(rate: rate, contentType: contentType, vendor: Self.vendor)
    var samples: [Int16] = []
    for piece in pieces { samples += try piece.withUnsafeBytes { try stream.take($0) } }
    return try samples + stream.finish()
  }

  private func fault(_ pieces: [[UInt8]], contentType: String = "") -> ProviderFault.Kind? {
    do {
      _ = try samples(pieces, contentType: contentType)
      return nil
    } catch {
      return (error as? ProviderFault)?.kind
    }
  }

  @Test func `the first samples are given as soon as four bytes tell that they are samples`() throws {
    var stream = try PCMStream(rate: 48_000, contentType: "audio/pcm", vendor: Self.vendor)
    #expect(try [UInt8]([1, 0, 2]).withUnsafeBytes { try stream.take($0) }.isEmpty)
    #expect(try [UInt8]([0, 3]).withUnsafeBytes { try stream.take($0) } == [1, 2])
    #expect(try [UInt8]([0]).withUnsafeBytes { try stream.take($0) } == [3])
  }

  @Test(
    arguments: [
      ([[]], ProviderFault.Kind.empty), ([], .empty), ([[1]], .cutOff), ([[1, 0]], nil), ([[1, 0, 2]], nil),
      ([[1, 0, 2, 0, 3]], nil), ([Array("RIFF".utf8)], .cutOff), ([Array("RIFFxxxxAVI ".utf8)], .malformed),
      ([Array("{\"error\"".utf8)], .malformed), ([Array("<!doctype html>".utf8)], .malformed),
      ([Array("Ogg".utf8), Array("S123".utf8)], .malformed), ([Array("RI".utf8)], nil),
      ([SpeechStaging.wavHeader(rate: 24_000)], .empty), ([SpeechStaging.wavHeader(rate: 24_000), [1]], .cutOff),
      ([SpeechStaging.wavHeader(rate: 24_000, channels: 2), [1, 0]], .malformed),
      ([SpeechStaging.wavHeader(rate: 24_000, bits: 32), [1, 0]], .malformed),
      ([SpeechStaging.wavHeader(rate: 1), [1, 0]], .malformed),
    ] as [([[UInt8]], ProviderFault.Kind?)])
  func `what is no sound is a fault`(_ pieces: [[UInt8]], _ kind: ProviderFault.Kind?) {
    #expect(fault(pieces) == kind)
  }

  @Test func `half a sample at the end is dropped`() throws {
    #expect(try samples([[1, 0, 2, 0, 9]]) == [1, 2])
    #expect(try samples([[1, 0, 9]]) == [1])
  }

  @Test func `what stands behind the samples of a WAV file is no sound`() throws {
    let file = SpeechStaging.wavHeader(rate: 24_000, length: 4) + [1, 0, 2, 0] + Array("LIST".utf8) + [0, 0, 0, 0]
    #expect(try samples([file]) == [1, 2])
    #expect(try samples(file.map { [$0] }) == [1, 2])
  }

  @Test(arguments: [(0, 3), (0x7FFF_F000, 3), (0xFFFF_FFFF, 3), (2, 1), (6, 3), (600, 3)])
  func `a length that the writer could not know is none`(_ length: Int, _ count: Int) throws {
    #expect(try samples([SpeechStaging.wavHeader(rate: 24_000, length: length) + [1, 0, 2, 0, 3, 0]]).count == count)
  }

  @Test(arguments: [8000, 16_000, 22_050, 24_000, 44_100, 48_000])
  func `another rate comes out at the engine's`(_ rate: Int) throws {
    let sound = SpeechStaging.littleEndian([Int16](repeating: 1000, count: rate / 10))
    let fromHeader = try samples([SpeechStaging.wavHeader(rate: rate) + sound])
    let fromLabel = try samples([sound], contentType: "audio/pcm;rate=\(rate)")
    #expect(fromHeader.count == 2400)
    #expect(fromHeader[1200] == 1000)
    #expect(fromLabel == fromHeader)
  }

  @Test func `more than twenty minutes are refused`() throws {
    var stream = try PCMStream(rate: 8000, contentType: "", vendor: Self.vendor)
    let minute = [UInt8](repeating: 1, count: 60 * 2 * 8000)
    var count = 0
    for _ in 0..<20 { count += try minute.withUnsafeBytes { try stream.take($0) }.count }
    #expect(count == 20 * 60 * 8000)
    let fault = #expect(throws: ProviderFault.self) { try [UInt8(1)].withUnsafeBytes { try stream.take($0) } }
    #expect(fault?.kind == .malformed)
    #expect(fault?.remedy.contains("20 minutes") == true)
  }

  @Test(
    arguments: [
      ("audio/pcm", true, nil), ("Audio/L16; Rate=\"16000\"; channels=1", true, 16_000), ("", true, nil),
      ("application/octet-stream", true, nil), ("audio/pcm;rate=22050", true, 22_050), ("audio/basic", true, nil),
      ("audio/x-wav", true, nil), ("audio/mpeg", false, nil), ("audio/ogg; codecs=opus", false, nil),
      ("audio/pcm;channels=2", false, nil), ("text/html", false, nil), ("text/event-stream", false, nil),
      ("application/json", false, nil), ("video/mp4", false, nil), ("audio", false, nil), (";", true, nil),
    ] as [(String, Bool, Int?)])
  func `the content type tells what the answer is`(_ type: String, _ isTaken: Bool, _ rate: Int?) {
    let form = try? SoundForm(contentType: type)
    #expect((form != nil) == isTaken)
    #expect(form?.rate == rate)
  }

  @Test func `a strange content type is not shown`() {
    let fault = #expect(throws: UnplayableSound.self) { try SoundForm(contentType: "text/sk-secret key\u{7}") }
    #expect(fault?.detail == "labelled as an unknown type")
  }
}
