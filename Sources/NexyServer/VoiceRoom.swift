import NexyVoice

/// What the voice RPCs need of the room behind them, joined by the commands' assembly.
package struct VoiceRoom: Sendable {
  package var intake: TurnIntake
  package var registry: TurnRegistry
  package var turn: Turn
  package var welcome: Welcome
  package var usage: any UsageLedger

  package init(
    intake: TurnIntake, registry: TurnRegistry, turn: Turn, welcome: Welcome, usage: any UsageLedger
  ) {
    self.intake = intake
    self.registry = registry
    self.turn = turn
    self.welcome = welcome
    self.usage = usage
  }
}
