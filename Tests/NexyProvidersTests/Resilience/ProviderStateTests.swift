import NexyCore
import NexyTestSupport
import NexyVoice
import Testing

@testable import NexyProviders

@Suite struct ProviderStateTests {
  @Test func `a refused key is told by its last four characters and with the remedy`() async throws {
    let clock = VirtualClock()
    let fault = ProviderFault(.keyInvalid, "Set another key.", detail: "status 401")
    let hint = ProviderIdentity.hint(of: "a-key-of-a-user-ending-in-9f3c")
    let chain = ModelChain(
      [
        .init(
          FakeModel { _, _ in throw fault }, name: "gemini", keyHint: hint, breaker: CircuitBreaker(clock: clock)),
        .init(FakeModel(pieces: ["Offline."]), name: "offline"),
      ], clock: clock
    ) { _ in }
    try await chain.reply(to: .example) { _ in }
    #expect(chain.name == "gemini")
    #expect(
      chain.states == [
        ProviderState(
          provider: ProviderIdentity(.model, name: "gemini", keyHint: "9f3c"),
          breaker: .open(fault, left: .seconds(300))),
        ProviderState(provider: ProviderIdentity(.model, name: "offline"), breaker: .closed),
      ])
    #expect(chain.states.map(\.remedy) == ["Set another key.", nil])
  }

  @Test(arguments: [("", nil), ("0123456789abcde", nil), ("0123456789abcdef", "cdef")] as [(String, String?)])
  func `a short key tells nothing of itself`(key: String, hint: String?) {
    #expect(ProviderIdentity.hint(of: key) == hint)
  }

  @Test func `an unknown error tells its type and none of its words`() {
    struct Leak: Error { let secret = "hush" }
    #expect(ProviderFault(of: Leak()) == ProviderFault(.failing, "The call failed in an unknown way.", detail: "Leak"))
  }

  @Test func `an error of our own keeps its message and its detail`() {
    let error = NexyError(.speechFailed, "Install the engine.", detail: "status 1")
    #expect(ProviderFault(of: error) == ProviderFault(.failing, "Install the engine.", detail: "status 1"))
  }
}
