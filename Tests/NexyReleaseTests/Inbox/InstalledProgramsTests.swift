import NexyRelease
import Testing

@Suite("Programs of this machine are run to an end")
struct InstalledProgramsTests {
  private func run(
    _ program: String, _ arguments: [String], outputLimit: Int = 4096, timeLimit: Duration = .seconds(30)
  ) async throws -> ProgramResult {
    try await InstalledPrograms().run(program, arguments, outputLimit: outputLimit, timeLimit: timeLimit)
  }

  @Test("arguments arrive as they are, without a shell")
  func arguments() async throws {
    let result = try await run("printf", ["%s|", "a b", "$HOME", "*", "'"])
    #expect(result == .ended(output: Array("a b|$HOME|*|'|".utf8), status: 0))
  }

  @Test("an exit status is told, a complaint is not mixed into the output")
  func status() async throws {
    #expect(
      try await run("sh", ["-c", "echo out; echo no >&2; exit 7"]) == .ended(output: Array("out\n".utf8), status: 7))
  }

  @Test("a program that is not there is told apart from one that fails")
  func missing() async throws {
    #expect(try await run("nexy-no-such-program", []) == .notInstalled)
  }

  @Test("a program that writes too much is ended")
  func tooMuch() async throws {
    guard case .failed(let reason) = try await run("yes", []) else {
      Issue.record("It ended by itself.")
      return
    }
    #expect(reason.contains("4096 bytes"))
  }

  @Test("a program that takes too long is ended")
  func tooLong() async throws {
    let began = ContinuousClock.now
    guard case .failed(let reason) = try await run("sleep", ["300"], timeLimit: .milliseconds(50)) else {
      Issue.record("It ended by itself.")
      return
    }
    #expect(reason.contains("took longer"))
    #expect(ContinuousClock.now - began < .seconds(60))
  }

  @Test("nothing is read from standard input")
  func input() async throws {
    #expect(try await run("cat", []) == .ended(output: [], status: 0))
  }
}
