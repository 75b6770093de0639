import NexyCore
import NexyVoice

/// An exchange as it is kept: without secrets, and no longer than an exchange may be.
package struct RememberedExchange: Sendable, Equatable {
  /// Microseconds since 1970; within a device no two are equal.
  let time: Int64
  /// The device, as the database spells it.
  let device: String
  /// The turn, as the client spells it.
  package let session: String
  /// What was said, as far as it may be kept.
  package let exchange: Exchange

  var bytes: Int { exchange.prompt.utf8.count + exchange.answer.utf8.count }
}

extension Exchange {
  /// The exchange with secrets masked, cut to a number of bytes; the prompt takes half of it at most.
  func kept(withinBytes limit: Int) -> Exchange {
    // What is far beyond the limit needs no search for secrets.
    let texts = [prompt, answer].map { PrivateText.masked($0.storable.start(limit)) }
    return Exchange(prompt: texts[0], answer: texts[1]).shortened(toBytes: limit)
  }

  /// The exchange cut to a number of bytes.
  func shortened(toBytes limit: Int) -> Exchange {
    guard prompt.utf8.count + answer.utf8.count > limit else { return self }
    let prompt = prompt.shortened(toBytes: max(limit / 2, limit - answer.utf8.count))
    return Exchange(prompt: prompt, answer: answer.shortened(toBytes: limit - prompt.utf8.count))
  }
}

extension String {
  /// The beginning that surely holds what a text of that many bytes is cut from.
  fileprivate func start(_ bytes: Int) -> String {
    let limit = 4 * bytes
    return utf8.count > limit ? shortened(toBytes: limit) : self
  }
}

extension [RememberedExchange] {
  /// The newest of these, given newest first, that fit a number of bytes together; oldest first.
  func fitting(_ limits: MemoryLimits) -> [Exchange] {
    var room = limits.shortTermBytes
    var fitting: [Exchange] = []
    for remembered in self {
      let exchange = remembered.exchange.shortened(toBytes: limits.exchangeBytes)
      room -= exchange.prompt.utf8.count + exchange.answer.utf8.count
      if room < 0 { break }
      fitting.append(exchange)
    }
    return fitting.reversed()
  }
}
