extension CheckPoint {
  static let smokeTurnEnd = Self(
    "smoke.turn.terminal", "A turn ends once, and well",
    cause: "The model failed, the turn was cut, or a proxy closes streams.", see: .turns)
  static let smokeTurnOrder = Self(
    "smoke.turn.order", "Text comes before its sound, a command after the speech",
    cause: "Server and client disagree about the protocol.", see: .turns)
  static let smokeTurnSound = Self(
    "smoke.turn.sound", "The reply can be heard", cause: "No speech engine works, or its format changed.", see: .sound)
  static let smokeBadDevice = Self(
    "smoke.device.refused", "A turn without a hardware_id is refused", cause: "Identifiers are not checked.",
    see: .refusals)
  static let smokeBadSession = Self(
    "smoke.session.refused", "A turn without a session_id is refused", cause: "Identifiers are not checked.",
    see: .refusals)
  static let smokeCollect = Self(
    "smoke.collect.accepted", "A piece of a prompt is taken", cause: "COLLECT is not spoken by this server.",
    see: .turns)
  static let smokeCommit = Self(
    "smoke.commit.answered", "COMMIT answers what was collected",
    cause: "What was collected got lost: COLLECT and COMMIT reached two servers, or 30 seconds passed.", see: .turns)
  static let smokeWelcome = Self(
    "smoke.welcome.terminal", "A greeting is metadata, sound and one end", cause: "No speech engine works.", see: .sound
  )
  static let smokeWelcomeSound = Self(
    "smoke.welcome.sound", "A greeting can be heard", cause: "No speech engine works, or its format changed.",
    see: .sound)
  static let smokeInterruptIdle = Self(
    "smoke.interrupt.idle", "Interrupting where nothing runs succeeds", cause: "InterruptSession fails.", see: .turns)
  static let smokeInterruptRefused = Self(
    "smoke.interrupt.refused", "Interrupting without a hardware_id is refused", cause: "Identifiers are not checked.",
    see: .refusals)
  static let smokeInterrupt = Self(
    "smoke.interrupt.running", "Interrupting ends the device's running turn",
    cause: "InterruptSession does not find running turns: two servers behind one address, or a fault.", see: .turns)
  static let smokeUsage = Self(
    "smoke.usage.kept", "Usage is taken", cause: "The database of usage cannot be written.", see: .machine)
}
