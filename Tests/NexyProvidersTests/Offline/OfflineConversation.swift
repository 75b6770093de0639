import Foundation
import NexyCore
import NexyVoice
import Synchronization
import Testing

@testable import NexyProviders

/// What the assistant said and did about one request.
struct OfflineOutcome: Equatable {
  var text = ""
  var calls: [String] = []
  var deltas = 0
}

/// Asks an assistant whose clock stands at five past three in the afternoon of Saturday, November 21, 2026.
func askOffline(
  _ prompt: String, in language: Language? = nil, at moment: String = "2026-11-21T15:05:00Z",
  timeZone: TimeZone = TimeZone(secondsFromGMT: 0)!, screenshot: Screenshot? = nil,
  absence: LanguageModelAbsence = .keyMissing(setting: "GEMINI_API_KEY")
) async throws -> OfflineOutcome {
  let date = try Date(moment, strategy: .iso8601)
  let assistant = OfflineAssistant(now: { date }, timeZone: timeZone, absence: absence)
  let request = ModelRequest(
    prompt: prompt, screenshot: screenshot, language: language, device: DeviceID("mac-1")!,
    session: SessionID("3f0c1b62-6d1e-4a59-9d2c-0a5f6f6b7d11")!)
  let outcome = Mutex(OfflineOutcome())
  try await assistant.reply(to: request) { delta in
    outcome.withLock {
      switch delta {
      case .text(let text): $0.text += text
      case .toolCall(let name, let arguments):
        $0.calls.append("\(name) \(arguments.object?["app_name"]?.string ?? "?")")
      case .usage: break
      }
      $0.deltas += 1
    }
  }
  return outcome.withLock { $0 }
}

/// One row of a table: what is said, and what is heard.
struct Spoken: Sendable, CustomTestStringConvertible {
  let prompt: String
  let reply: String

  init(_ prompt: String, _ reply: String) {
    self.prompt = prompt
    self.reply = reply
  }

  var testDescription: String { prompt }
}
