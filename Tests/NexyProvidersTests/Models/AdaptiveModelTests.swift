import NexyTestSupport
import NexyVoice
import Testing

@testable import NexyProviders

@Suite("A server that takes no tools is asked in JSON") struct AdaptiveModelTests {
  struct Case: Sendable {
    /// How the server takes a request with tools; nil answers it.
    var fault: ProviderFault.Kind?
    var hasCommands = true
    /// The forms of two questions after each other.
    var forms: [ReplyForm]
  }

  static let cases: [Case] = [
    Case(fault: nil, forms: [.tools, .tools]),
    Case(fault: .requestRefused, forms: [.tools, .json, .json]),
    Case(fault: .requestRefused, hasCommands: false, forms: [.tools, .tools]),
    Case(fault: .keyInvalid, forms: [.tools, .tools]),
    Case(fault: .overloaded, forms: [.tools, .tools]),
  ]

  @Test(arguments: cases) func `only what tools may be to blame for is asked again without them`(_ example: Case) async
  {
    let asked = Notes<ReplyForm>()
    let model = AdaptiveModel { form in
      FakeModel { _, emit in
        asked.add(form)
        if form == .tools, let fault = example.fault { throw ProviderFault(fault, "no") }
        try await emit(.text("Yes."))
      }
    }
    let request = modelRequest(commands: example.hasCommands ? CommandSpecification.samples : [])
    for _ in 1...2 { try? await model.reply(to: request) { _ in } }
    #expect(asked.all == example.forms)
  }

  @Test func `what was begun is not begun anew`() async {
    let said = Notes<ModelDelta>()
    let model = AdaptiveModel { _ in
      FakeModel { _, emit in
        try await emit(.text("The weather in"))
        throw ProviderFault(.requestRefused, "in the middle")
      }
    }
    await #expect(throws: ProviderFault.self) {
      try await model.reply(to: modelRequest(commands: CommandSpecification.samples)) { said.add($0) }
    }
    #expect(said.all == [.text("The weather in")])
  }

  @Test func `a request that is refused in any form leaves the tools in use`() async {
    let asked = Notes<ReplyForm>()
    let model = AdaptiveModel { form in
      FakeModel { _, _ in
        asked.add(form)
        throw ProviderFault(.requestRefused, "too long")
      }
    }
    for _ in 1...2 {
      try? await model.reply(to: modelRequest(commands: CommandSpecification.samples)) { _ in }
    }
    #expect(asked.all == [.tools, .json, .tools, .json])
  }
}
