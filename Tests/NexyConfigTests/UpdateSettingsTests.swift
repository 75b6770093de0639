import Testing

@testable import NexyConfig

@Suite("Settings of updates and of the two runtimes")
struct UpdateSettingsTests {
  @Test("production and staging differ in ports, folders and log file")
  func runtimes() throws {
    let production = try SettingsFolder().settings()
    let staging = try SettingsFolder().settings(environment: ["NEXY_RUNTIME": "staging"])
    #expect(production.ports == [50051, 8080, 8081])
    #expect(staging.ports == [50061, 8082, 8083])
    #expect(production.dataFolder == "var" && staging.dataFolder == "var/staging")
    #expect(production.log.file == nil && staging.log.file == "var/staging/nexy.log")
  }

  @Test("each runtime reads files of its own")
  func files() throws {
    let folder = try SettingsFolder(environmentFile: "GRPC_PORT=50001\n")
    try folder.write("GRPC_PORT=50002\n", to: "config.staging.env")
    try folder.write("http.port: 8003\n", to: "config/nexy.staging.yaml")
    #expect(try folder.settings().grpc.port == 50001)
    let staging = try folder.settings(environment: ["NEXY_RUNTIME": "Staging"])
    #expect(staging.grpc.port == 50002 && staging.http.port == 8003)
  }

  @Test("the folders follow from one, and each may be set apart")
  func folders() throws {
    let settings = try SettingsFolder().settings(environment: ["UPDATE_DIR": "/srv/releases"]).updates
    #expect(settings.manifests == "/srv/releases/manifests" && settings.downloads == "/srv/releases/downloads")
    let apart = try SettingsFolder().settings(environment: ["UPDATE_DOWNLOADS_DIR": "/big"]).updates
    #expect(apart.manifests == "updates/manifests" && apart.downloads == "/big")
  }

  private static let good: [(text: String, hosts: [String])] = [
    ("github.com", ["github.com"]), ("GitHub.com, localhost:8443", ["github.com", "localhost:8443"]), ("none", []),
  ]

  @Test("hosts are names with or without a port", arguments: good)
  func hosts(text: String, hosts: [String]) throws {
    #expect(try SettingsFolder().settings(environment: ["UPDATE_ALLOWED_HOSTS": text]).updates.allowedHosts == hosts)
  }

  private static let bad: [(name: String, value: String)] = [
    ("UPDATE_ALLOWED_HOSTS", "https://github.com"), ("UPDATE_ALLOWED_HOSTS", "a,,b"),
    ("UPDATE_ALLOWED_HOSTS", "user@host"), ("UPDATE_ALLOWED_HOSTS", "host/path"), ("UPDATE_PUBLIC_KEY", "short"),
    ("UPDATE_PUBLIC_KEY", "AAAA"), ("UPDATE_PUBLIC_URL", "host/updates"), ("NEXY_RUNTIME", "canary"),
    ("UPDATE_MAX_DOWNLOADS", "0"),
  ]

  @Test("a wrong value is refused by its name", arguments: bad)
  func wrong(name: String, value: String) {
    #expect { try SettingsFolder().settings(environment: [name: value]) } throws: { "\($0)".contains(name) }
  }

  @Test("the beta channel is closed until somebody opens it")
  func beta() throws {
    #expect(try SettingsFolder().settings().flags[.betaUpdates] == false)
    #expect(try SettingsFolder(environmentFile: "UPDATE_BETA_ENABLED=true\n").settings().flags[.betaUpdates])
  }
}

extension Settings {
  fileprivate var ports: [Int] { [grpc.port, http.port, updates.port] }
}
