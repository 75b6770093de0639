import ArgumentParser
import NexyCore
import NexyProviders

/// `nexy memory forget`: deletes everything of a device.
struct MemoryForget: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forget", abstract: "Deletes everything that is remembered of a device, for good.",
    discussion: "A server that runs forgets it at once; only a turn that is running is still remembered.")

  @OptionGroup var arguments: MemoryArguments

  func run() async throws {
    let counts = try await arguments.memory().forget(arguments.deviceID())
    guard counts.exchanges + counts.facts > 0 else {
      return Terminal.print("Nothing was remembered of this device.")
    }
    Terminal.print("Forgotten: \(count(counts.exchanges, "exchange")) and \(count(counts.facts, "fact")).")
  }

  private func count(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}
