import NexyCore
import Testing

@testable import NexyChecks

@Suite("The fault proxy", .timeLimit(.minutes(1)))
struct FaultProxyTests {
  @Test("carries an answer as it is")
  func none() async throws {
    try await through(.none) { straight, proxied in #expect(proxied.bytes == straight.bytes) }
  }

  @Test("lets an answer come late, and whole")
  func late() async throws {
    try await through(.late(.milliseconds(150))) { straight, proxied in
      #expect(proxied.bytes == straight.bytes)
      let first = try #require(proxied.times.first)
      #expect(first >= .milliseconds(150))
    }
  }

  @Test("swallows questions and says nothing")
  func silent() async throws {
    try await through(.silent, within: .milliseconds(600)) { _, proxied in
      #expect(proxied.bytes.isEmpty && !proxied.hasEnded)
    }
  }

  @Test("lets an answer drip")
  func trickle() async throws {
    try await through(.trickle(bytes: 3, every: .milliseconds(20)), until: { $0.bytes.count >= 9 }) {
      straight, proxied in
      #expect(proxied.bytes.count < straight.bytes.count)
      #expect(straight.bytes.starts(with: proxied.bytes) && !proxied.hasEnded)
    }
  }

  @Test("lies byte for byte", arguments: ProviderLie.allCases)
  func lie(_ lie: ProviderLie) async throws {
    try await through(.lie(lie), until: { $0.bytes.count >= lie.answer.utf8.count }) { _, proxied in
      #expect(proxied.text == lie.answer && !proxied.hasEnded)
    }
  }

  @Test("cuts an answer at its byte, between two sentences and in the middle of one", arguments: [0, 1, 2])
  func cut(_ sentences: Int) async throws {
    let limit = FakeProvider.bytes(through: sentences)
    try await through(.cut(after: limit)) { straight, proxied in
      #expect(proxied.hasEnded && proxied.bytes == Array(straight.bytes.prefix(limit)))
      #expect(FakeProviderTests.said(proxied.text) == FakeProvider.sentences.prefix(sentences).joined())
    }
  }

  @Test("disappears: what is open is cut off, what comes is refused, and then it is back at its port")
  func gone() async throws {
    try await FakeProvider.with { provider in
      try await FaultProxy.with(to: provider.port) { proxy in
        let spoke = Latch()
        async let running = RawClient.ask(proxy.port, FakeProvider.longWord) { answer in
          if !answer.bytes.isEmpty { spoke.open() }
          return false
        }
        await spoke.wait()
        try await proxy.set(.gone)
        let cut = try await running
        #expect(cut.hasEnded && !cut.text.hasSuffix("0\r\n\r\n"))
        await #expect(throws: (any Error).self) { try await RawClient.ask(proxy.port) }
        try await proxy.set(.gone)
        await #expect(throws: (any Error).self) { try await RawClient.ask(proxy.port) }
        try await proxy.set(.none)
        #expect(FakeProviderTests.said(try await RawClient.ask(proxy.port).text) == FakeProvider.answer)
      }
    }
  }

  @Test("is gone with its scope, with all that hung in it")
  func end() async throws {
    try await FakeProvider.with { provider in
      let spoke = Latch()
      let (port, running) = try await FaultProxy.with(to: provider.port) { proxy in
        let running = Task {
          try await RawClient.ask(proxy.port, FakeProvider.longWord) { answer in
            if !answer.bytes.isEmpty { spoke.open() }
            return false
          }
        }
        await spoke.wait()
        return (proxy.port, running)
      }
      #expect(try await running.value.hasEnded)
      await #expect(throws: (any Error).self) { try await RawClient.ask(port) }
    }
  }

  private func through(
    _ fault: NetworkFault, within limit: Duration = .seconds(5),
    until isWhole: @escaping @Sendable (RawAnswer) -> Bool = { $0.text.hasSuffix("0\r\n\r\n") },
    _ look: (_ straight: RawAnswer, _ proxied: RawAnswer) throws -> Void
  ) async throws {
    try await FakeProvider.with { provider in
      try await FaultProxy.with(to: provider.port) { proxy in
        try await proxy.set(fault)
        let proxied = try await RawClient.ask(proxy.port, within: limit, until: isWhole)
        try look(try await RawClient.ask(provider.port), proxied)
      }
    }
  }
}
