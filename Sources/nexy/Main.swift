import NexyCommands

@main
enum Main {
  static func main() async { await NexyCommand.start() }
}
