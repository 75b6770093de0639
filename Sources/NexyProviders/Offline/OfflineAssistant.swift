import NexyCore
import NexyVoice

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// An assistant without a language model: it opens and closes applications, tells the time and the date, calculates
/// and explains itself, in English and Russian, by rules alone.
///
/// It answers the same words the same way on any machine, needs no key and no network, and says so when a request is
/// beyond it.
package struct OfflineAssistant: LanguageModel {
  private let now: @Sendable () -> Date
  private let timeZone: TimeZone
  private let absence: LanguageModelAbsence

  /// - Parameters:
  ///   - now: the time that is told.
  ///   - timeZone: the listener's time zone.
  ///   - absence: why no language model answers, for the sentence that names the remedy.
  package init(
    now: @escaping @Sendable () -> Date = { Date() }, timeZone: TimeZone = .current,
    absence: LanguageModelAbsence = .keyMissing(setting: "GEMINI_API_KEY")
  ) {
    self.now = now
    self.timeZone = timeZone
    self.absence = absence
  }

  package var name: String { "offline" }

  package func reply(
    to request: ModelRequest, emit: @escaping @Sendable (ModelDelta) async throws -> Void
  ) async throws {
    let script = Language(scriptOf: request.prompt)
    let intent = Intent(reading: request.prompt, language: script ?? request.language ?? .english)
    let language = request.language ?? intent.language ?? script ?? .english
    for (index, sentence) in sentences(for: intent, in: language).enumerated() {
      try await emit(.text(index == 0 ? sentence : " " + sentence))
    }
    if let command = intent.command, let application = command.application {
      try await emit(.toolCall(name: command.action.toolName, arguments: ["app_name": .string(application)]))
    }
  }

  private func sentences(for intent: Intent, in language: Language) -> [String] {
    let phrases = Phrases(language: language)
    switch intent {
    case .command(let command): return phrases.answer(to: command)
    case .clock(let questions):
      let clock = SpokenClock(now(), timeZone: timeZone)
      return questions.map { clock.answer(to: $0, in: language) }
    case .calculation(let calculation):
      return switch calculation.answer(in: language) {
      case .success(let sentence): [sentence]
      case .failure(let failure): phrases.sorry(about: failure)
      }
    case .smallTalk(let exchange): return phrases.answer(to: exchange)
    case .repetition(let text): return [text]
    case .webPage: return phrases.cannotOpenPages(absence)
    case .first(let intent): return sentences(for: intent, in: language) + phrases.oneAtATime
    case .screen: return phrases.cannotSeeScreen(absence)
    case .unknown: return phrases.cannotAnswer(absence)
    }
  }
}

extension Intent {
  /// What is to be done, alone or first.
  fileprivate var command: ApplicationCommand? {
    switch self {
    case .command(let command): command
    case .first(let intent): intent.command
    default: nil
    }
  }

  /// The language that the request's own words tell better than its letters do.
  fileprivate var language: Language? {
    switch self {
    case .command(let command): command.language
    case .first(let intent): intent.language
    default: nil
    }
  }
}
