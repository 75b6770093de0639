import ArgumentParser
import Foundation
import NexyCore
import NexyWire

/// `nexy say`: one turn, as a client hears it.
struct SayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "say", abstract: "Sends one prompt to a server, prints and plays what comes back.")

  @Argument(help: "What to say to the assistant.") var prompt: String
  @Option(help: "The server's host.") var host = "127.0.0.1"
  @Option(help: "The server's gRPC port.") var port = 50051
  @Option(help: "The language to answer in: en or ru; without it that of the prompt.") var lang: Language?
  @Option(help: "Write the speech to this WAV file.") var out: String?
  @Flag(inversion: .prefixedNo, help: "Play the speech where a player exists.") var play = true
  @Flag(help: "Print one JSON object instead of text.") var json = false

  func run() async throws {
    let turn = try await TurnClient(host: host, port: port).say(prompt, language: lang) { text in
      if !json { Terminal.show(text) }
    }
    if let out { try AtomicFile.write(WAVFile.bytes(of: turn.samples), to: out) }
    if json { try Terminal.json(TurnSummary.json(of: turn)) } else { report(turn) }
    if play, turn.error == nil, !turn.samples.isEmpty { try await AudioPlayer.play(turn.samples) }
    if let error = turn.error {
      if !json { Terminal.complain(error) }
      throw ExitCode.failure
    }
  }

  private func report(_ turn: HeardTurn) {
    if !turn.text.isEmpty { Terminal.print("") }
    if let action = turn.actionJSON { Terminal.print("command: \(TurnSummary.command(in: action))  \(action)") }
    let seconds = Double(turn.samples.count) / Double(WireAudio.sampleRate)
    let first = turn.firstAudio.map { ", the first after \($0.wholeMilliseconds) ms" } ?? ""
    Terminal.print("audio: \(seconds.formatted(.number.precision(.fractionLength(1)))) s\(first)")
    if let out { Terminal.print("written: \(out)") }
  }
}

extension Language: ExpressibleByArgument {
  package init?(argument: String) { self.init(tag: argument) }
}

/// What `--json` prints: one object on one line, whose keys are always there.
private enum TurnSummary {
  static func json(of turn: HeardTurn) -> JSONValue {
    [
      "text": .string(turn.text),
      "command": turn.actionJSON.map { .string(command(in: $0)) } ?? .null,
      "action_json": turn.actionJSON.map(JSONValue.string) ?? .null,
      "audio_seconds": .number(Double(turn.samples.count) / Double(WireAudio.sampleRate)),
      "audio_chunks": .integer(Int64(turn.audioChunks)),
      "sample_rate": .integer(Int64(WireAudio.sampleRate)),
      "first_text_ms": turn.firstText.map { .integer($0.wholeMilliseconds) } ?? .null,
      "first_audio_ms": turn.firstAudio.map { .integer($0.wholeMilliseconds) } ?? .null,
      "end": turn.endMessage.map(JSONValue.string) ?? .null,
      "error": turn.error.map(JSONValue.string) ?? .null,
      "status": .string(turn.status),
    ]
  }

  /// The command's name in an action's JSON.
  static func command(in action: String) -> String {
    let value = try? JSONDecoder().decode(JSONValue.self, from: Data(action.utf8))
    return value?.object?["command"]?.string ?? "unreadable"
  }
}
