import NexyConfig
import NexyUpdates
import Testing

@Suite("Updates may come from GitHub")
struct UpdateHostsTests {
  @Test("the settings and the rules name the same hosts")
  func sameHosts() throws {
    let settings = try Settings(SettingsSources.load(environment: [:], folder: "/nowhere"))
    #expect(settings.updates.allowedHosts == ManifestRules.gitHubHosts)
  }
}
