import NexyCore
import NexyVoice
import Subprocess

// The FilePath of Subprocess's own interface.
#if canImport(System)
import System
#else
import SystemPackage
#endif

/// espeak-ng as a child process an utterance: text in on standard input, WAV out on standard output as it is spoken.
package struct EspeakSynthesizer: SpeechSynthesizer {
  /// How espeak-ng is run.
  package struct Options: Sendable {
    /// A name to look for on PATH, or a path.
    package var binary: String
    /// Words a minute, 80 to 450.
    package var rate: Int
    /// 0 to 99.
    package var pitch: Int
    /// Its voice of each language.
    package var voices: [Language: String]
    /// How long the child may be silent while it is being read.
    package var hangLimit: Duration

    package init(
      binary: String = "espeak-ng", rate: Int = 175, pitch: Int = 50,
      voices: [Language: String] = [.english: "en-us", .russian: "ru"], hangLimit: Duration = .seconds(10)
    ) {
      self.binary = binary
      self.rate = rate
      self.pitch = pitch
      self.voices = voices
      self.hangLimit = hangLimit
    }
  }

  package let name = "espeak"
  /// Every voice of espeak-ng's own speaks at this rate; another is refused by `WAVReader`.
  package let sampleRate = 22_050

  private let options: Options
  private let clock: any Clock<Duration>

  package init(options: Options, clock: any Clock<Duration> = SharedClock()) {
    // A child that crashes leaves a pipe without a reader.
    BrokenPipe.isAnError()
    self.options = options
    self.clock = clock
  }

  package func chargedName(of utterance: Utterance) -> String {
    Self.voice(of: utterance, options)
  }

  private static func voice(of utterance: Utterance, _ options: Options) -> String {
    EspeakVoice.choose(for: utterance, among: options.voices)
  }

  package func speak(_ utterance: Utterance, emit: @escaping @Sendable ([Int16]) async throws -> Void) async throws {
    let watch = HangWatch(limit: options.hangLimit, clock: clock)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await watch.guardWaits {
          NexyError(.speechFailed, "Speech failed: espeak-ng stopped answering. Please try again.")
        }
      }
      group.addTask { try await runChild(utterance, watch, emit: emit) }
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  private func runChild(
    _ utterance: Utterance, _ watch: HangWatch, emit: @escaping @Sendable ([Int16]) async throws -> Void
  ) async throws {
    let result: ExecutionResult<String, SequenceOutput, SequenceOutput>
    do {
      result = try await Subprocess.run(
        configuration(for: utterance), input: .inputWriter, output: .sequence, error: .sequence
      ) { execution in
        async let complaint = Self.beginning(of: execution.standardError)
        // A child that is gone takes no input; its status tells why. A text fits the pipe, so this never waits.
        _ = try? await execution.standardInputWriter.write(Array(Self.safe(utterance.text).utf8))
        try? await execution.standardInputWriter.finish()
        var reader = WAVReader(expectedRate: sampleRate)
        var buffers = execution.standardOutput.makeAsyncIterator()
        while let buffer = try await watch.timing({ try await buffers.next() }) {
          let samples = try buffer.withUnsafeBytes { bytes throws(NexyError) in try reader.samples(in: bytes) }
          if !samples.isEmpty { try await emit(samples) }
        }
        // A child may close its output and live on.
        watch.beginWaiting()
        return await complaint
      }
    } catch let error as SubprocessError {
      throw Self.failure(error)
    }
    guard result.terminationStatus.isSuccess else {
      throw NexyError(
        .speechFailed, "Speech failed: espeak-ng ended with an error. Please try again.",
        detail: "\(result.terminationStatus) \(result.closureResult)")
    }
  }

  /// What a child says about itself, for the log: its first 4 KiB; the rest is read, so that it never waits, and
  /// dropped.
  private static func beginning(of stream: SubprocessOutputSequence) async -> String {
    var kept: [UInt8] = []
    var buffers = stream.makeAsyncIterator()
    while !Task.isCancelled, let buffer = try? await buffers.next() {
      buffer.withUnsafeBytes { kept += $0.prefix(4096 - kept.count) }
    }
    return String(decoding: kept, as: UTF8.self)
  }

  private func configuration(for utterance: Utterance) -> Subprocess.Configuration {
    // A group of its own, so that a wrapper's children end with it.
    var platformOptions = PlatformOptions()
    platformOptions.processGroupID = 0
    platformOptions.teardownSequence = [
      .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)
    ]
    return Subprocess.Configuration(
      executable: options.binary.contains("/") ? .path(FilePath(options.binary)) : .name(options.binary),
      arguments: Arguments(Self.arguments(for: utterance, options)), platformOptions: platformOptions)
  }

  static func arguments(for utterance: Utterance, _ options: Options) -> [String] {
    return [
      "--stdin", "--stdout", "-b", "1", "-v", voice(of: utterance, options), "-s", "\(options.rate)", "-p",
      "\(options.pitch)",
    ]
  }

  /// `[[` begins phoneme notation in espeak-ng; a blank keeps it text. A NUL would end the text.
  private static func safe(_ text: String) -> String {
    var result = ""
    var previous: Unicode.Scalar?
    for scalar in text.unicodeScalars where scalar != "\0" {
      if scalar == "[", previous == "[" { result += " " }
      result.unicodeScalars.append(scalar)
      previous = scalar
    }
    return result + "\n"
  }

  private static func failure(_ error: SubprocessError) -> NexyError {
    if error.code == .executableNotFound {
      return NexyError(
        .speechFailed, "Speech failed: espeak-ng is not installed on the server; install the package espeak-ng.",
        cause: error)
    }
    return NexyError(.speechFailed, "Speech failed: espeak-ng could not be run. Please try again.", cause: error)
  }
}
