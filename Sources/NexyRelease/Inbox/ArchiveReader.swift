/// One archive, read by one program.
struct ArchiveReader: Sendable {
  /// Bytes of a listing, and of a file that is taken out.
  private static let limits = (listing: 16 << 20, member: 1 << 20)
  private static let timeLimit = Duration.seconds(60)

  enum Failure: Error {
    case notInstalled
    /// A sentence.
    case unreadable(String)
    case cancelled
  }

  let path: String
  let kind: ArtifactKind
  let tool: ArchiveTool
  let programs: any ProgramRunner

  /// The members with a name of their own, whatever folder they are in.
  func members(named name: String) async throws(Failure) -> [String] {
    let output = try await run(tool.listing(of: path, kind: kind, name: name), limit: Self.limits.listing)
    return tool.members(in: output).filter { $0 == name || $0.hasSuffix("/\(name)") }
  }

  func bytes(of member: String) async throws(Failure) -> [UInt8] {
    try await run(tool.extraction(of: member, from: path, kind: kind), limit: Self.limits.member)
  }

  private func run(_ arguments: [String], limit: Int) async throws(Failure) -> [UInt8] {
    let result: ProgramResult
    do {
      result = try await programs.run(tool.program, arguments, outputLimit: limit, timeLimit: Self.timeLimit)
    } catch {
      throw .cancelled
    }
    switch result {
    case .ended(let output, status: 0): return output
    case .ended(_, let status):
      let status = status.map { "exit status \($0)" } ?? "ended by a signal"
      throw .unreadable("\(tool.program) cannot read \(path) (\(status)): it is damaged, or no .\(kind.rawValue).")
    case .notInstalled: throw .notInstalled
    case .failed(let reason): throw .unreadable("\(tool.program) \(reason) while it read \(path).")
    }
  }
}
