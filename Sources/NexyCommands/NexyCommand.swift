import ArgumentParser
import Foundation
import NexyCore

/// `nexy`: the server, and what its operator does around it.
package struct NexyCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "nexy", abstract: "The server of a voice assistant for macOS.", version: Nexy.version,
    subcommands: [
      ServeCommand.self, SayCommand.self, ConfigCommand.self, LogsCommand.self, MemoryCommand.self,
      UsageCommand.self, ProvidersCommand.self, UpdatesCommand.self, ReleaseCommand.self,
      VersionCommand.self, TextCommand.self, CheckCommand.self, BenchCommand.self,
    ])

  package init() {}

  /// Runs what the command line asks for and ends the process: 0 done, 1 the work failed, 2 wrong usage,
  /// 3 somebody else holds a lock.
  package static func start() async {
    BrokenPipe.isAnError()
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch let error as NexyError {
      Terminal.complain(error.message, detail: error.fullDetail)
      Foundation.exit(error.code == .leaseHeld ? 3 : 1)
    } catch let status as ExitCode {
      Foundation.exit(status.rawValue)
    } catch {
      let code = exitCode(for: error)
      if code == .success || code == .failure { exit(withError: error) }
      Terminal.error(fullMessage(for: error))
      Foundation.exit(2)
    }
  }
}
