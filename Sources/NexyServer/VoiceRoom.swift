import NexyVoice

/// What the voice RPCs need of the room behind them, joined by the commands' assembly.
package struct VoiceRoom: Sendable {
  package var intake: TurnIntake
  package var registry: TurnRegistry
  package var rates: DeviceRates
  package var pace: Pace
  package var turn: Turn
  package var welcome: Welcome
  package var usage: any UsageLedger

  package init(
    intake: TurnIntake, registry: TurnRegistry, rates: DeviceRates = DeviceRates(limit: 0), pace: Pace = .unlimited,
    turn: Turn, welcome: Welcome, usage: any UsageLedger
  ) {
    self.intake = intake
    self.registry = registry
    self.rates = rates
    self.pace = pace
    self.turn = turn
    self.welcome = welcome
    self.usage = usage
  }
}
