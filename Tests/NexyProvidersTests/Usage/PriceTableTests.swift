import NexyCore
import Testing

@testable import NexyProviders

@Suite struct PriceTableTests {
  private static let text = """
    gemini-*=0.10/0.40, gemini-2.5-pro* = 1.25/10, gpt-4o-mini=0.15/0.60, openai=1/2,
    tts-1=15, azure=16, openai=12.5, local=0/0
    """

  @Test(arguments: [
    ("gemini-flash-lite-latest", "gemini", 0.10, 0.40),
    ("gemini-2.5-pro-001", "gemini", 1.25, 10),
    ("gpt-4o-mini", "openai", 0.15, 0.60),
    ("gpt-5", "openai", 1, 2),
    ("llama", "local", 0, 0),
    ("offline", "offline", 0, 0),
  ])
  func `tokens have the price of the model, else of the provider`(
    model: String, provider: String, input: Double, output: Double
  ) throws {
    let price = try PriceTable(Self.text).tokenPrice(model: model, provider: provider)
    #expect(price == PriceTable.Tokens(input: input, output: output))
  }

  @Test(arguments: [
    ("tts-1", "openai", 15.0), ("gpt-4o-mini-tts", "openai", 12.5), ("en-US-AriaNeural", "azure", 16),
    ("ru", "espeak", 0),
  ])
  func `characters have the price of the voice, else of the provider`(
    voice: String, provider: String, price: Double
  ) throws {
    #expect(try PriceTable(Self.text).characterPrice(voice: voice, provider: provider) == price)
  }

  @Test func `what is not in the table has no price`() throws {
    let table = try PriceTable(Self.text)
    #expect(table.tokenPrice(model: "claude", provider: "elsewhere") == nil)
    #expect(table.tokenPrice(model: "", provider: "") == nil)
    #expect(table.tokenPrice(model: "tts-1", provider: "") == nil)
    #expect(table.characterPrice(voice: "gpt-4o-mini", provider: "") == nil)
  }

  @Test(arguments: ["", " , ", "a=1/2", "a=1/2\nb=3"])
  func `a table may be short`(text: String) throws { _ = try PriceTable(text) }

  @Test(arguments: [
    ("gpt", "has no ="), ("=1/2", "has no name"), ("a=", "no price"), ("a=1/", "no price"), ("a=1/2/3", "no price"),
    ("a=-1/2", "no price"), ("a=1e3", "no price"), ("a=1.2.3", "no price"), ("a=free", "no price"),
    ("a=nan", "no price"),
    ("a=1/2,a=3/4", "twice"), ("a=1,a=2", "twice"), ("a*b=1", "before its end"),
  ])
  func `what cannot be read is refused with its own words`(text: String, problem: String) throws {
    let error = #expect(throws: NexyError.self) { try PriceTable(text) }
    #expect(error?.code == .badPrices)
    #expect(error?.message.contains(problem) == true)
  }

  @Test func `all that is wrong is told at once`() {
    let error = #expect(throws: NexyError.self) { try PriceTable("a, b=1/2, c=x") }
    #expect(error?.message.contains("\"a\" has no =; \"c=x\" has no price") == true)
  }
}
