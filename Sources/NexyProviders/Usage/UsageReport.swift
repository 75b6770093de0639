/// What calls took.
package struct UsageFigures: Sendable, Equatable {
  package var calls = 0
  package var inputTokens = 0
  package var outputTokens = 0
  /// Characters that were spoken.
  package var characters = 0
  /// Seconds of sound.
  package var audioSeconds = 0.0

  static func += (sum: inout UsageFigures, other: UsageFigures) {
    sum.calls += other.calls
    sum.inputTokens += other.inputTokens
    sum.outputTokens += other.outputTokens
    sum.characters += other.characters
    sum.audioSeconds += other.audioSeconds
  }
}

/// Usage of a period, summed up and priced.
package struct UsageReport: Sendable, Equatable {
  /// A group's sum, or the whole's.
  package struct Line: Sendable, Equatable {
    /// The device, the model or the day; empty where an entry named none.
    package var name: String
    package var figures = UsageFigures()
    /// What the calls cost that have a price; nil when none has.
    package var cost: Double?
    /// Calls that cost something nobody knows.
    package var callsWithoutPrice = 0
  }

  package var period: UsagePeriod
  package var grouping: UsageGrouping?
  /// In the order of their names; none without a grouping.
  package private(set) var lines: [Line] = []
  package private(set) var total = Line(name: "")
  /// Models and voices without a price, in the order of their names.
  package private(set) var namesWithoutPrice: [String] = []

  /// Reads and prices what a database has; a server may be writing it.
  ///
  /// - Throws: `NexyError` with code `usageNotRead`.
  package static func run(
    path: String, period: UsagePeriod, grouping: UsageGrouping?, prices: PriceTable
  ) async throws -> UsageReport {
    let sums = try await UsageQuery.sums(path: path, period: period, grouping: grouping)
    return UsageReport(of: sums, period: period, grouping: grouping, prices: prices)
  }

  /// - Parameter sums: In the order of their groups.
  init(of sums: [UsageSum], period: UsagePeriod, grouping: UsageGrouping?, prices: PriceTable) {
    self.period = period
    self.grouping = grouping
    var unpriced: Set<String> = []
    for sum in sums {
      let cost = prices.cost(of: sum)
      if cost == nil { unpriced.insert(sum.model.isEmpty ? sum.provider : sum.model) }
      total.add(sum.figures, cost: cost)
      guard grouping != nil else { continue }
      if lines.last?.name != sum.group { lines.append(Line(name: sum.group)) }
      lines[lines.count - 1].add(sum.figures, cost: cost)
    }
    namesWithoutPrice = unpriced.sorted()
  }
}

extension UsageReport.Line {
  fileprivate mutating func add(_ figures: UsageFigures, cost: Double?) {
    self.figures += figures
    if let cost { self.cost = (self.cost ?? 0) + cost } else { callsWithoutPrice += figures.calls }
  }
}

extension PriceTable {
  /// What a sum cost; nil when a part of it has no price.
  fileprivate func cost(of sum: UsageSum) -> Double? {
    let figures = sum.figures
    var cost = 0.0
    if figures.inputTokens != 0 || figures.outputTokens != 0 {
      guard let price = tokenPrice(model: sum.model, provider: sum.provider) else { return nil }
      cost += (Double(figures.inputTokens) * price.input + Double(figures.outputTokens) * price.output) / 1_000_000
    }
    if figures.characters != 0 {
      guard let price = characterPrice(voice: sum.model, provider: sum.provider) else { return nil }
      cost += Double(figures.characters) * price / 1_000_000
    }
    return cost
  }
}
