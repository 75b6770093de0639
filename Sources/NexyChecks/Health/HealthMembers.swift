/// What the three pages about health have to tell.
enum HealthMembers {
  static let health = MemberKind.members([
    "status": .text, "ready": .flag, "reasons": .texts, "server_version": .text, "latest_version": .text,
    "latest_build": .text, "ffmpeg_available": .flag,
  ])

  static let status = MemberKind.members([
    "status": .word(["running"]), "service": .word(["voice-assistant"]), "health": .word(["OK"]),
    "server_version": .text, "latest_version": .text, "latest_build": .text, "uptime_seconds": .count, "model": .text,
    "voice": .text, "voice_available": .flag, "active_turns": .count,
    "limits": .members([
      "turns": .count, "turns_per_device": .count, "turn_seconds": .count, "idle_seconds": .count,
      "device_requests_per_second": .count,
    ]),
    "flags": .each(.flag),
    "providers": .each(
      .members(["kind": .word(["model", "speech"]), "name": .text, "state": .word(["closed", "half_open", "open"])])),
    "update_server": .word(["enabled", "disabled"]),
    "endpoints": .members([
      "health": .word(["/health"]), "status": .word(["/status"]), "grpc": .text, "updates": .text,
    ]),
  ])

  static let updates = MemberKind.members([
    "status": .text, "timestamp": .date, "version": .text, "latest_version": .text, "latest_build": .text,
    "server_version": .text, "artifacts_available": .count, "downloads_dir": .text, "manifests_dir": .text,
    "beta_updates_enabled": .flag, "reasons": .texts,
    "channels": .each(
      .members([
        "version": .text, "build": .text, "release_date": .date, "feed_age": .count, "feed_signed": .flag,
        "artifact": .word(["good", "checking", "elsewhere"]), "signature": .word(["valid", "unchecked"]),
      ])),
  ])
}
