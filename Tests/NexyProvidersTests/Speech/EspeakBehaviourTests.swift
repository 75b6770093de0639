import Foundation
import NexyCore
import NexyTestSupport
import NexyVoice
import Testing

@testable import NexyProviders

// One after the other: each waits for processes, and the machine may be busy.
@Suite(.serialized) struct EspeakBehaviourTests {
  /// All promises but these: `refusesSilence` and `namesFaults` are kept by the turn, which takes an engine without
  /// sound for a failed one, and `holdsTheUpstreamUp` by the pipe between the two processes, which holds 64 KiB.
  @Test(
    .timeLimit(.minutes(5)),
    arguments: [
      SpeechPromise.givesTheWholeSound, .waitsForEmit, .passesOnErrorsOfEmit, .stopsWhileEmitting,
      .stopsBeforeTheFirstSound, .stopsInTheMiddle, .saysTheWholeText,
    ])
  func `espeak keeps the promises of a speech engine`(_ promise: SpeechPromise) async throws {
    let header = SpeechStaging.wavHeader(rate: 22_050)
    try await SpeechEngineBehaviour(wire: { header + SpeechStaging.littleEndian($0) }) { answer, body in
      try await EspeakStandIn.run(answer, body)
    }.check(promise)
  }
}

/// A shell script in the place of espeak-ng, in a folder of its own.
private struct EspeakStandIn {
  let folder: URL

  static func run(
    _ answer: SpeechEngineBehaviour.Answer, _ body: @Sendable (SpeechEngineBehaviour.Stage) async throws -> Void
  ) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let standIn = EspeakStandIn(folder: folder)
    try standIn.write(answer)
    let engine = EspeakSynthesizer(options: .init(binary: standIn.path("espeak-ng"), hangLimit: .seconds(600)))
    try await body(.init(engine: engine, heardText: standIn.heardText, ended: standIn.ended))
  }

  private func path(_ name: String) -> String { folder.appending(path: name).path }

  private func write(_ answer: SpeechEngineBehaviour.Answer) throws {
    var script = ["#!/bin/sh", "cd '\(folder.path)'", "echo $$ > pid", "cat > text", "mv text heard"]
    switch answer {
    case .whole(let pieces):
      for (index, piece) in pieces.enumerated() {
        try Data(piece).write(to: folder.appending(path: "\(index)"))
      }
      script.append("i=0; while [ $i -lt \(pieces.count) ]; do cat $i; i=$((i+1)); done")
    case .standing(let bytes):
      try Data(bytes).write(to: folder.appending(path: "sound"))
      script += ["cat sound", "exec sleep 600"]
    case .endless(let bytes):
      try Data(bytes).write(to: folder.appending(path: "sound"))
      script.append("while cat sound; do :; done")
    case .failing: script.append("exit 3")
    }
    try (script.joined(separator: "\n") + "\n").write(toFile: path("espeak-ng"), atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path("espeak-ng"))
  }

  /// What came on its standard input, without the newline at the end, once it has come whole.
  @Sendable private func heardText() async throws -> String {
    while true {
      if let text = try? String(contentsOfFile: path("heard"), encoding: .utf8) { return String(text.dropLast()) }
      try Task.checkCancellation()
      await Task.yield()
    }
  }

  /// Returns once the process is gone.
  @Sendable private func ended() async throws {
    guard let text = try? String(contentsOfFile: path("pid"), encoding: .utf8), let pid = pid_t(text.dropLast()) else {
      // It was ended before its first line.
      return
    }
    while kill(pid, 0) == 0 { await Task.yield() }
  }
}
