import Foundation
import NexyCore
import NexyWire
import Subprocess

/// Plays samples with whatever player this machine has; without one it does nothing.
enum AudioPlayer {
  /// Programs that take a WAV file, and what they need to keep quiet about it.
  private static let players = [
    ("afplay", []), ("pw-play", []), ("paplay", []), ("aplay", ["-q"]),
  ]

  static func play(_ samples: [Int16]) async throws {
    let environment = ProcessInfo.processInfo.environment
    guard let (player, arguments) = players.first(where: { Executable.find($0.0, environment: environment) != nil })
    else { return }
    let file = FileManager.default.temporaryDirectory.appending(path: "nexy-\(UUID().uuidString).wav").path
    try AtomicFile.write(WAVFile.bytes(of: samples), to: file, mode: 0o600)
    defer { try? FileManager.default.removeItem(atPath: file) }
    let limit = Duration.seconds(samples.count / Int(WireAudio.sampleRate) + 10)
    let result = try await within(limit) {
      try? await Subprocess.run(
        .name(player), arguments: Arguments(arguments + [file]), output: .discarded, error: .discarded)
    }
    if result??.terminationStatus.isSuccess != true {
      Terminal.error("nexy: \(player) could not play the speech; use --out.")
    }
  }
}
