import NexyCore

/// What providers charge, in whatever currency the operator writes.
///
/// Its text is the setting `USAGE_PRICES`: entries with commas between them, a language model's as
/// `NAME=INPUT/OUTPUT`, the price of a million tokens each, a voice's as `NAME=PRICE`, that of a million characters.
/// NAME is a model, a voice or a provider; a `*` at its end stands for any ending. The longest name that fits counts,
/// a model's before its provider's: `gemini-*=0.10/0.40, openai=0.15/0.60, azure=15`.
package struct PriceTable: Sendable, Equatable {
  /// Prices of a million tokens.
  package struct Tokens: Sendable, Equatable {
    package var input: Double
    package var output: Double
  }

  private var tokens: [String: Tokens] = [:]
  private var characters: [String: Double] = [:]

  /// The engines of this program itself, which cost nothing.
  package static let ownEngines = PriceTable(
    tokens: ["offline": Tokens(input: 0, output: 0), "scripted": Tokens(input: 0, output: 0)],
    characters: ["espeak": 0, "tone": 0])

  private init(tokens: [String: Tokens], characters: [String: Double]) {
    self.tokens = tokens
    self.characters = characters
  }

  /// The prices of a setting's text, and those of this program's own engines where it does not name them.
  ///
  /// - Throws: `NexyError` with code `badPrices` that names every entry it cannot read.
  package init(_ text: String) throws {
    self.init(tokens: [:], characters: [:])
    var problems: [String] = []
    for entry in text.split(whereSeparator: { $0 == "," || $0.isNewline }).map(\.trimmed) where !entry.isEmpty {
      if let problem = add(entry) { problems.append("\"\(entry)\" \(problem)") }
    }
    guard problems.isEmpty else {
      throw NexyError(
        .badPrices,
        "USAGE_PRICES is wrong: \(problems.joined(separator: "; ")). Write NAME=INPUT/OUTPUT for a million tokens or "
          + "NAME=PRICE for a million characters, with commas between, such as gemini-*=0.10/0.40, azure=15.")
    }
    tokens.merge(Self.ownEngines.tokens) { written, _ in written }
    characters.merge(Self.ownEngines.characters) { written, _ in written }
  }

  /// What the tokens of a model cost; nil when the table has neither the model nor the provider.
  package func tokenPrice(model: String, provider: String) -> Tokens? {
    Self.price(in: tokens, model: model, provider: provider)
  }

  /// What a million characters of a voice cost; nil likewise.
  package func characterPrice(voice: String, provider: String) -> Double? {
    Self.price(in: characters, model: voice, provider: provider)
  }

  private static func price<Price>(in prices: [String: Price], model: String, provider: String) -> Price? {
    // An engine of this program has voices that a pattern for others may fit.
    let isOwn = ownEngines.tokens[provider] != nil || ownEngines.characters[provider] != nil
    for name in (isOwn ? [provider] : [model, provider]) where !name.isEmpty {
      if let price = prices[name] { return price }
      for length in stride(from: name.count, through: 0, by: -1) {
        if let price = prices[name.prefix(length) + "*"] { return price }
      }
    }
    return nil
  }

  /// - Returns: What is wrong with the entry.
  private mutating func add(_ entry: String) -> String? {
    // A model's name may hold an equals sign, a price does not.
    guard let sign = entry.lastIndex(of: "=") else { return "has no =" }
    let name = entry[..<sign].trimmed
    guard !name.isEmpty else { return "has no name" }
    if name.dropLast().contains("*") { return "has a * before its end" }
    let written = entry[entry.index(after: sign)...].split(separator: "/", omittingEmptySubsequences: false)
    let prices = written.compactMap { Self.amount($0.trimmed) }
    guard prices.count == written.count, (1...2).contains(prices.count) else { return "has no price of that form" }
    if prices.count == 2 {
      if tokens[name] != nil { return "is there twice" }
      tokens[name] = Tokens(input: prices[0], output: prices[1])
    } else {
      if characters[name] != nil { return "is there twice" }
      characters[name] = prices[0]
    }
    return nil
  }

  /// Digits with at most one decimal point; no sign, no exponent.
  private static func amount(_ text: String) -> Double? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }) else { return nil }
    return Double(text)
  }
}

extension NexyError.Code {
  /// A table of prices cannot be read.
  package static let badPrices = Self("bad_prices")
}
