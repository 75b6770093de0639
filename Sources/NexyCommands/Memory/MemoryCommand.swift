import ArgumentParser
import NexyConfig
import NexyCore
import NexyProviders

/// `nexy memory`: what is remembered of a device.
struct MemoryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "memory", abstract: "Shows and forgets what is remembered of a device.",
    subcommands: [MemoryShow.self, MemoryForget.self])
}

/// Whose memory a command is about, and where it is.
struct MemoryArguments: ParsableArguments {
  @OptionGroup var flags: SettingsFlags
  @Argument(help: "The device, as the client names itself (hardware_id).") var device: String

  func validate() throws { _ = try deviceID() }

  func deviceID() throws -> DeviceID {
    guard let device = DeviceID(device) else {
      throw ValidationError("DEVICE is a client's hardware_id: some text of at most 1,024 bytes, and not \"unknown\".")
    }
    return device
  }

  /// The memory of the server on this machine, which may be running.
  func memory() throws -> SQLiteMemory {
    SQLiteMemory(store: SQLiteStore(path: try flags.load().databasePath, makesFile: false))
  }
}
