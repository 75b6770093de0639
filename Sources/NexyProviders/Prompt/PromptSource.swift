import Foundation
import NexyCore

extension NexyError.Code {
  /// The file of the system prompt cannot be used.
  package static let badPrompt = Self("bad_prompt")
}

extension AssistantPrompt {
  /// Bytes of the file at most; the prompt is sent with every question.
  static let longestFile = 65_536

  /// The prompt that comes with the program.
  ///
  /// - Parameter flags: The keys of the feature flags that a section may name.
  /// - Throws: As `init(file:flags:)`; only if a flag that it names was taken away.
  package static func builtIn(flags: Set<String>) throws(NexyError) -> AssistantPrompt {
    try AssistantPrompt(PackageResources.assistant_md, name: "the built-in prompt", flags: flags)
  }

  /// The prompt in a file of the operator's.
  ///
  /// - Parameter flags: The keys of the feature flags that a section may name.
  /// - Throws: `NexyError` with code `badPrompt` that names the file, the line and the remedy, for all faults at once.
  package init(file path: String, flags: Set<String>) throws(NexyError) {
    let bytes: [UInt8]
    do {
      let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? file.close() }
      bytes = Array(try file.read(upToCount: Self.longestFile + 1) ?? Data())
    } catch {
      throw NexyError(
        .badPrompt, "\(path) cannot be read; correct the path and its permissions, or unset ASSISTANT_PROMPT.",
        cause: error)
    }
    try self.init(bytes, name: path, flags: flags)
  }

  /// - Parameter name: What errors call the file.
  init(_ bytes: [UInt8], name: String, flags: Set<String>) throws(NexyError) {
    guard bytes.count <= Self.longestFile else {
      throw NexyError(.badPrompt, "\(name) has more than 64 KiB; shorten it.")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw NexyError(.badPrompt, "\(name), line \(Self.firstBadLine(bytes)): not UTF-8; save the file as UTF-8.")
    }
    var parser = PromptParser(flags: flags)
    sections = parser.parse(text)
    if parser.faults.isEmpty { return }
    let faults = parser.faults.map { fault in
      fault.line.map { "\(name), line \($0): \(fault.remedy)" } ?? "\(name): \(fault.remedy)"
    }
    throw NexyError(.badPrompt, faults.joined(separator: "\n  "))
  }

  private static func firstBadLine(_ bytes: [UInt8]) -> Int {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    return 1 + (lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0)
  }
}
