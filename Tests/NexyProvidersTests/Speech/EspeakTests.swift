import Foundation
import NexyCore
import NexyTestSupport
import NexyVoice
import Testing

@testable import NexyProviders

/// Samples that an engine gave, gathered.
private func samples(
  _ engine: some SpeechSynthesizer, _ utterance: Utterance,
  onPiece: @escaping @Sendable () async throws -> Void = {}
) async throws -> [Int16] {
  let (pieces, piece) = AsyncStream<[Int16]>.makeStream()
  try await engine.speak(utterance) { samples in
    piece.yield(samples)
    try await onPiece()
  }
  piece.finish()
  return await pieces.reduce(into: []) { $0 += $1 }
}

/// A stand-in for espeak-ng: a shell script in a folder of its own.
private struct FakeEspeak {
  let path: String

  init(_ body: String, in folder: URL) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    path = folder.appending(path: "espeak-ng").path
    try "#!/bin/sh\n\(body)\n".write(toFile: path, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
  }

  func engine(clock: any Clock<Duration> = ContinuousClock()) -> EspeakSynthesizer {
    EspeakSynthesizer(options: .init(binary: path, hangLimit: .seconds(10)), clock: clock)
  }
}

// One after the other: each waits for processes, and the machine may be busy.
@Suite(.serialized) final class EspeakTests: Sendable {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "nexy-espeak-\(UUID().uuidString)")

  deinit { try? FileManager.default.removeItem(at: folder) }

  private func fake(_ body: String) throws -> FakeEspeak { try FakeEspeak(body, in: folder) }

  private let hello = Utterance(text: "Hello there, my friend.", language: .english)

  @Test(arguments: [
    Utterance(text: "Hello there.", language: .english), Utterance(text: "Который час?", language: .russian),
    Utterance(text: "[[ not phonemes ]] -v ru $(reboot)", language: .english),
  ])
  func `the real engine speaks with energy`(_ utterance: Utterance) async throws {
    let samples = try await samples(EspeakSynthesizer(options: .init()), utterance)
    let power = samples.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(samples.count)
    #expect(samples.count > 22_050 / 4)
    #expect(power.squareRoot() > 500)
  }

  @Test func `a slow reader gets every sample`() async throws {
    let engine = EspeakSynthesizer(options: .init())
    let long = Utterance(
      text: Array(repeating: "This is a sentence that takes its time.", count: 12).joined(separator: " "),
      language: .english)
    let fast = try await samples(engine, long)
    // The child has long ended when the last of its audio is read.
    let slow = try await samples(engine, long) { for _ in 0..<50 { await Task.yield() } }
    #expect(fast.count > 22_050 * 10)
    #expect(slow == fast)
  }

  @Test(arguments: [
    ("exit 3", "espeak-ng ended with an error"), ("kill -9 $$", "espeak-ng ended with an error"),
    ("cat >/dev/null; exit 1", "espeak-ng ended with an error"), ("echo this is no audio at all", "cannot be read"),
  ])
  func `a child that goes wrong is an error of the turn`(_ body: String, _ message: String) async throws {
    let engine = try fake(body).engine()
    for _ in 0..<10 {
      let error = await #expect(throws: NexyError.self) { try await samples(engine, hello) }
      #expect(error?.code == .speechFailed)
      #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }
  }

  @Test func `a missing engine names the remedy`() async {
    let engine = EspeakSynthesizer(options: .init(binary: "/nonexistent/espeak-ng"))
    let error = await #expect(throws: NexyError.self) { try await samples(engine, hello) }
    #expect(error?.message.contains("install") == true)
    #expect(error?.message.contains("/nonexistent") == false)
  }

  @Test(arguments: ["exec sleep 60", "exec 1>&-; exec sleep 60"])
  func `a child that hangs is ended after the limit`(_ body: String) async throws {
    let clock = VirtualClock()
    let marker = folder.appending(path: "process").path
    let engine = try fake("echo $$ > \(marker); \(body)").engine(clock: clock)
    let spoken = Task { try await samples(engine, hello) }
    let pid = try await pid(in: marker)
    // Whenever the wait begins, ten seconds of it are enough.
    let time = clock.runs(by: .seconds(1))
    let error = await #expect(throws: NexyError.self) { try await spoken.value }
    time.cancel()
    #expect(error?.message.contains("stopped answering") == true)
    #expect(kill(pid, 0) != 0)
  }

  @Test func `cancelling ends a wrapper's children as well`() async throws {
    let marker = folder.appending(path: "process").path
    let engine = try fake("sleep 60 & echo $! > \(marker); wait").engine()
    let task = Task { try await samples(engine, hello) }
    let grandchild = try await pid(in: marker)
    task.cancel()
    _ = await task.result
    let deadline = ContinuousClock.now + .seconds(120)
    // Init reaps it a moment later.
    while kill(grandchild, 0) == 0, ContinuousClock.now < deadline { await Task.yield() }
    #expect(kill(grandchild, 0) != 0)
  }

  @Test func `a child that complains at length still speaks`() async throws {
    let engine = try fake("head -c 300000 /dev/zero >&2; exec espeak-ng --stdin --stdout -v en").engine()
    #expect(try await samples(engine, hello).count > 10_000)
  }

  @Test func `cancelling ends the child`() async throws {
    let marker = folder.appending(path: "process").path
    let engine = try fake("echo $$ > \(marker); exec sleep 60").engine()
    let task = Task { try await samples(engine, hello) }
    let pid = try await pid(in: marker)
    task.cancel()
    _ = await task.result
    #expect(kill(pid, 0) != 0)
  }

  /// The process identifier that a fake wrote, once it is there.
  private func pid(in path: String) async throws -> pid_t {
    let deadline = ContinuousClock.now + .seconds(120)
    while ContinuousClock.now < deadline {
      if let text = try? String(contentsOfFile: path, encoding: .utf8), text.hasSuffix("\n"),
        let pid = pid_t(text.dropLast())
      {
        return pid
      }
      await Task.yield()
    }
    throw NexyError(.speechFailed, "the fake did not start")
  }
}

@Suite struct EspeakVoiceTests {
  @Test(
    arguments: [
      (nil, Language.english, "en-us"), (nil, .russian, "ru"), ("en-gb", .english, "en-gb"),
      ("EN-GB", .english, "en-gb"),
      ("en-US-JennyNeural", .english, "en-us"), ("en-GB-SoniaNeural", .english, "en-gb"),
      ("en-US-JennyNeural", .russian, "ru"), ("ru-RU-SvetlanaNeural", .russian, "ru"), ("ru", .russian, "ru"),
      ("en-us+f3", .english, "en-us+f3"), ("en-us+../../x", .english, "en-us"), ("nonsense", .english, "en-us"),
      ("en-XX-NobodyNeural", .english, "en-us"), ("--version", .english, "en-us"),
    ] as [(String?, Language, String)])
  func `the voice that is asked for is`(_ asked: String?, _ language: Language, _ voice: String) {
    let utterance = Utterance(text: "x", language: language, voice: asked)
    #expect(EspeakVoice.choose(for: utterance, among: [.english: "en-us", .russian: "ru"]) == voice)
  }

  @Test func `rate, pitch and voice come from the settings`() {
    let options = EspeakSynthesizer.Options(rate: 240, pitch: 20, voices: [.russian: "ru-lv"])
    let arguments = EspeakSynthesizer.arguments(for: Utterance(text: "x", language: .russian), options)
    #expect(arguments == ["--stdin", "--stdout", "-b", "1", "-v", "ru-lv", "-s", "240", "-p", "20"])
  }
}

@Suite struct WAVReaderTests {
  private static let header: [UInt8] =
    Array("RIFF".utf8) + [0, 0, 0, 0x80] + Array("WAVEfmt ".utf8) + [16, 0, 0, 0, 1, 0, 1, 0] + [0x22, 0x56, 0, 0]
    + [0x44, 0xAC, 0, 0, 2, 0, 16, 0] + Array("data".utf8) + [0, 0xF0, 0xFF, 0x7F]

  private func read(_ bytes: [UInt8], pieces size: Int) throws -> [Int16] {
    var reader = WAVReader(expectedRate: 22_050)
    return try stride(from: 0, to: bytes.count, by: size).flatMap { start in
      try Array(bytes[start..<min(start + size, bytes.count)]).withUnsafeBytes { try reader.samples(in: $0) }
    }
  }

  @Test(arguments: [1, 2, 3, 7, 45, 1000]) func `samples come out whole however the bytes are cut`(_ size: Int) throws {
    let bytes = Self.header + [1, 0, 0xFF, 0xFF, 0, 0x80, 0x34, 0x12]
    #expect(try read(bytes, pieces: size) == [1, -1, -32768, 0x1234])
  }

  @Test func `another rate is refused`() {
    var bytes = Self.header
    bytes[24] = 0x23
    #expect(throws: NexyError.self) { try read(bytes, pieces: 100) }
  }

  @Test func `what is no WAV is refused`() {
    #expect(throws: NexyError.self) { try read(Array("this is not a sound file".utf8), pieces: 5) }
  }
}

@Suite struct ToneTests {
  @Test func `the length follows the text`() async throws {
    let short = try await samples(ToneSynthesizer(), Utterance(text: "abcd", language: .english))
    let long = try await samples(ToneSynthesizer(), Utterance(text: "abcdabcd", language: .english))
    #expect(short.count == 4 * 720)
    #expect(long.count == 8 * 720)
    #expect(short.map { abs(Int($0)) }.max()! > 7000)
  }

  @Test func `a long tone has no click between its pieces`() async throws {
    let tone = try await samples(
      ToneSynthesizer(), Utterance(text: String(repeating: "a", count: 200), language: .english))
    let jump = zip(tone, tone.dropFirst()).map { abs(Int($0) - Int($1)) }.max()!
    // The steepest slope of 480 Hz at 48 kHz with this amplitude.
    #expect(jump <= Int(8000 * 2 * Double.pi * 480 / 48_000) + 2)
  }
}
