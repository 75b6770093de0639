import Testing

@testable import NexyConfig

@Suite("NEXY_ENV chooses the defaults")
struct PresetTests {
  private static let graces: [(environment: String?, seconds: Int)] = [
    ("dev", 10), ("stage", 20), ("prod", 30), (nil, 30), ("DEV", 10),
  ]

  @Test("the grace period is 10 seconds in dev, 20 in stage, 30 in prod", arguments: graces)
  func grace(environment: String?, seconds: Int) throws {
    let settings = try SettingsFolder().settings(environment: environment.map { ["NEXY_ENV": $0] } ?? [:])
    #expect(settings.gracePeriod == .seconds(seconds))
    #expect(settings.resolved("backpressure.grace_period_seconds")?.source == "default")
  }

  @Test("a grace period that is set is stronger than any preset", arguments: ["dev", "stage", "prod"])
  func graceSet(environment: String) throws {
    let values = ["NEXY_ENV": environment, "BACKPRESSURE_GRACE_PERIOD": "7"]
    #expect(try SettingsFolder().settings(environment: values).gracePeriod == .seconds(7))
  }

  @Test("config.env and nexy.yaml can name the environment")
  func fromFiles() throws {
    #expect(try SettingsFolder(environmentFile: "NEXY_ENV=dev").settings().gracePeriod == .seconds(10))
    #expect(try SettingsFolder(yaml: "environment: stage").settings().gracePeriod == .seconds(20))
  }

  private static let presets: [(environment: String, turns: Int, idle: Int, rate: Int)] = [
    ("dev", 10, 60, 5), ("stage", 25, 180, 8), ("prod", 50, 900, 0),
  ]

  @Test("each environment has its backpressure", arguments: presets)
  func backpressure(environment: String, turns: Int, idle: Int, rate: Int) throws {
    let admission = try SettingsFolder().settings(environment: ["NEXY_ENV": environment]).admission
    #expect(admission.turns == turns)
    #expect(admission.idleLimit == .seconds(idle))
    #expect(admission.messagesPerSecond == rate)
    #expect(admission.paceIsPreset)
  }

  @Test("backpressure that is set is stronger than any preset", arguments: ["dev", "stage", "prod"])
  func backpressureSet(environment: String) throws {
    let values = [
      "NEXY_ENV": environment, "BACKPRESSURE_MAX_STREAMS": "3", "BACKPRESSURE_IDLE_TIMEOUT": "4",
      "BACKPRESSURE_MAX_RATE": "6", "PREVENT_CONCURRENT_HARDWARE_ID_SESSIONS": "true",
    ]
    let admission = try SettingsFolder().settings(environment: values).admission
    #expect(admission.turns == 3)
    #expect(admission.turnsPerDevice == 1)
    #expect(admission.idleLimit == .seconds(4))
    #expect(admission.messagesPerSecond == 6)
    #expect(!admission.paceIsPreset)
  }

  private static let hosts: [(environment: String?, host: String?, bound: String)] = [
    ("dev", nil, "0.0.0.0"), ("stage", nil, "127.0.0.1"), ("prod", nil, "127.0.0.1"), (nil, nil, "127.0.0.1"),
    ("dev", "", "0.0.0.0"), ("prod", "", "127.0.0.1"),
    ("dev", "auto", "0.0.0.0"), ("dev", "AUTO", "0.0.0.0"), ("stage", "Auto", "127.0.0.1"),
    ("prod", "auto", "127.0.0.1"),
    ("dev", "127.0.0.1", "127.0.0.1"), ("prod", "0.0.0.0", "0.0.0.0"), ("prod", "::1", "::1"),
    ("stage", "localhost", "127.0.0.1"), ("prod", "fe80::1", "fe80::1"),
  ]

  @Test("an auto host is every address in dev and loopback elsewhere; any other is kept", arguments: hosts)
  func host(environment: String?, host: String?, bound: String) throws {
    var values: [String: String] = [:]
    values["NEXY_ENV"] = environment
    values["GRPC_HOST"] = host
    values["HTTP_HOST"] = host
    let settings = try SettingsFolder().settings(environment: values)
    #expect(settings.grpc.host == bound)
    #expect(settings.http.host == bound)
  }

  @Test("what nobody set has the documented default")
  func defaults() throws {
    let settings = try SettingsFolder().settings()
    #expect(settings.environment == .prod)
    #expect(settings.dataFolder == "var")
    #expect(settings.grpc.port == 50051)
    #expect(settings.http.port == 8080)
    #expect(settings.audio.chunkBytes == 4096)
    #expect(settings.streaming.minimumCharacters == 15)
    #expect(settings.streaming.minimumWords == 3)
    #expect(settings.streaming.firstSentenceMinimumWords == 2)
    #expect(settings.turnLimit == .seconds(300))
    #expect(settings.log.level == .info)
    #expect(settings.log.file == nil)
    #expect(settings.admission.turnsPerDevice == 4)
    #expect(settings.admission.imageLimit == 10 << 20)
    #expect(settings.model.provider == .auto)
    #expect(settings.model.script == nil)
    #expect(settings.speech.provider == .auto)
    #expect(settings.resolved.allSatisfy { $0.source == "default" })
  }

  private static let switches: [(forward: String, disabled: String, result: Bool)] = [
    ("true", "false", true), ("true", "true", false), ("false", "false", false), ("false", "true", false),
  ]

  @Test("the kill switch is stronger than the feature", arguments: switches)
  func killSwitch(forward: String, disabled: String, result: Bool) throws {
    let values = ["FORWARD_ASSISTANT_ACTIONS": forward, "NEXY_KS_DISABLE_FORWARD_ASSISTANT_ACTIONS": disabled]
    #expect(try SettingsFolder().settings(environment: values).flags.forwardsActions == result)
  }

  @Test("the build is the version unless it is set")
  func build() throws {
    #expect(try SettingsFolder().settings(environment: ["SERVER_VERSION": "1.2.3.4"]).latestBuild == "1.2.3.4")
    let values = ["SERVER_VERSION": "1.2.3.4", "SERVER_BUILD": "77"]
    #expect(try SettingsFolder().settings(environment: values).latestBuild == "77")
  }

  private static let words: [(word: String, value: Bool)] = [
    ("true", true), ("TRUE", true), ("1", true), ("yes", true), ("on", true),
    ("false", false), ("False", false), ("0", false), ("no", false), ("off", false),
  ]

  @Test("yes and no are understood in the usual words", arguments: words)
  func flag(word: String, value: Bool) throws {
    #expect(try SettingsFolder().settings(environment: ["WHATSAPP_ENABLED": word]).flags[.whatsApp] == value)
  }
}
