#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Counts what a log says, line by line; parts of a log may be counted apart and put together.
///
/// The definitions of the figures are those of `LogSummary`.
package struct LogStatistics {
  /// Lines so far, of every kind.
  private(set) var lines = 0
  private(set) var unreadable = 0
  private(set) var faults: [LogFault: Int] = [:]
  /// The first unreadable lines.
  private(set) var bad: [LogSummary.BadLine] = []
  /// Records in the period, of the method asked for.
  private(set) var records = 0
  private(set) var (first, last) = (Int64.max, Int64.min)
  private(set) var (activeMaximum, activeLast) = (Int64(-1), Int64(-1))
  private var activeMoment = Int64.min
  /// Methods by their number here; 0 stands for lines without one.
  private(set) var methods = WordTable([""])
  private(set) var tallies: ContiguousArray<MethodTally> = [MethodTally()]
  /// Decisions and the words of failures.
  private(set) var words = WordTable(KnownDecision.allCases.map(\.word))

  private let period: LogPeriod
  private let onlyMethod: ContiguousArray<UInt8>
  private let keptBad: Int

  /// - Parameters:
  ///   - period: Records outside of it are left out; unreadable lines have no time and are always counted.
  ///   - method: Records of other methods, and of none, are left out; nil takes all. A path counts by its last part.
  ///   - keptBad: Of that many unreadable lines it is told where they stand.
  package init(period: LogPeriod = .always, method: String? = nil, keptBad: Int = 20) {
    self.period = period
    self.onlyMethod = ContiguousArray((method?.split(separator: "/").last ?? "").utf8)
    self.keptBad = keptBad
  }

  /// Counts every line of the block; only the last may lack its newline.
  package mutating func add(block: UnsafeRawBufferPointer) {
    var rest = block
    while let start = rest.baseAddress, !rest.isEmpty {
      let newline = memchr(start, 0x0A, rest.count).map { UnsafeRawPointer($0) - start } ?? rest.count
      add(line: UnsafeRawBufferPointer(rebasing: rest[..<newline]))
      rest = UnsafeRawBufferPointer(rebasing: rest[min(newline + 1, rest.count)...])
    }
  }

  /// Counts one line, given without its newline.
  @inline(__always)
  package mutating func add(line: UnsafeRawBufferPointer) {
    lines &+= 1
    do throws(LogFault) { add(try LogRecordReader.read(line)) } catch { add(error, of: line) }
  }

  private mutating func add(_ fault: LogFault, of line: UnsafeRawBufferPointer) {
    unreadable += 1
    faults[fault, default: 0] += 1
    if bad.count < keptBad { bad.append(LogSummary.BadLine(number: lines, fault: fault, line: line)) }
  }

  @inline(__always)
  private mutating func add(_ record: LogRecord) {
    guard period.contains(record.milliseconds), isWanted(record.method) else { return }
    records &+= 1
    first = min(first, record.milliseconds)
    last = max(last, record.milliseconds)
    if let active = record.activeStreams { add(active: active, at: record.milliseconds) }
    let method = methods.number(of: record.method)
    if method == tallies.count { tallies.append(MethodTally()) }
    guard !record.decision.isEmpty else { return }
    let decision = words.number(of: record.decision)
    tallies[method].count(decision: decision)
    if decision == KnownDecision.abort.rawValue || decision == KnownDecision.retry.rawValue {
      let place = tallies[method].place(ofWindow: WindowTally.start(of: record.milliseconds))
      tallies[method].tallies[place].retriesAndAborts += 1
    }
    guard method > 0, let duration = record.duration, KnownDecision.ends.contains(decision) else { return }
    end(record, method, decision, duration)
  }

  private func isWanted(_ method: LogRecord.Text) -> Bool {
    onlyMethod.isEmpty || method.elementsEqual(onlyMethod)
  }

  private mutating func add(active: Int64, at milliseconds: Int64) {
    activeMaximum = max(activeMaximum, active)
    if milliseconds >= activeMoment { (activeMoment, activeLast) = (milliseconds, active) }
  }

  /// Counts a request that ended.
  @inline(__always)
  private mutating func end(_ record: LogRecord, _ method: Int, _ decision: Int, _ duration: Int64) {
    let isError = decision == KnownDecision.error.rawValue
    let place = tallies[method].place(ofWindow: WindowTally.start(of: record.milliseconds))
    tallies[method].ends[decision] &+= 1
    tallies[method].tallies[place].requests &+= 1
    if isError { tallies[method].tallies[place].errors &+= 1 }
    if isError || decision == KnownDecision.complete.rawValue {
      tallies[method].tallies[place].latencies.append(UInt32(clamping: duration))
    }
    guard KnownDecision.failures.contains(decision) else { return }
    let failure = MethodTally.Failure(
      decision: decision, code: words.number(of: record.errorCode), type: words.number(of: record.errorType),
      kind: words.number(of: record.errorClass))
    tallies[method].failures[failure, default: 0] += 1
  }
}

extension LogStatistics {
  /// Takes in what was counted of the lines that follow in the same file.
  mutating func append(_ rest: LogStatistics) {
    var rest = rest
    for place in rest.bad.indices { rest.bad[place].number += lines }
    join(rest)
  }

  /// Takes in what was counted of another file.
  mutating func join(_ other: LogStatistics) {
    lines += other.lines
    unreadable += other.unreadable
    faults.merge(other.faults, uniquingKeysWith: +)
    bad += other.bad.prefix(keptBad - bad.count)
    records += other.records
    (first, last) = (min(first, other.first), max(last, other.last))
    activeMaximum = max(activeMaximum, other.activeMaximum)
    if other.activeMoment >= activeMoment { (activeMoment, activeLast) = (other.activeMoment, other.activeLast) }
    let words = words.numbers(of: other.words)
    for (number, tally) in zip(methods.numbers(of: other.methods), other.tallies) {
      if number == tallies.count { tallies.append(MethodTally()) }
      tallies[number].add(tally, words: words)
    }
  }

  /// Says of which file the unreadable lines so far are.
  mutating func name(file: String) {
    for place in bad.indices { bad[place].file = file }
  }
}

extension MethodTally {
  /// - Parameter words: What the other tally's word numbers are here.
  fileprivate mutating func add(_ other: MethodTally, words: [Int]) {
    for (number, count) in other.decisions.enumerated() where count > 0 {
      let here = words[number]
      while decisions.count <= here { decisions.append(0) }
      decisions[here] += count
    }
    for (number, count) in other.ends.enumerated() { ends[number] += count }
    for (failure, count) in other.failures {
      let here = Failure(
        decision: words[failure.decision], code: words[failure.code], type: words[failure.type],
        kind: words[failure.kind])
      failures[here, default: 0] += count
    }
    for (start, place) in other.windows {
      let here = self.place(ofWindow: start)
      tallies[here].add(other.tallies[place])
    }
  }
}
