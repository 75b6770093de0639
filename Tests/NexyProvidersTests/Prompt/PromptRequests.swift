import NexyCore
import NexyVoice

@testable import NexyProviders

/// A question with what a test of the prompt changes about it.
func question(
  language: Language? = nil, screenshot: Screenshot? = nil, facts: [String] = [],
  commands: [CommandSpecification] = []
) -> ModelRequest {
  ModelRequest(
    prompt: "Hello", screenshot: screenshot, language: language, device: DeviceID("mac")!,
    session: SessionID("3f2b8c1e-8f60-4a9b-9d55-0c2a3b4d5e6f")!, memory: Recollection(facts: facts),
    commands: commands)
}

/// Every combination of what decides about the prompt's sections, with all of a combination's flags on or off.
let everyFacts: [PromptFacts] = {
  let screenshots: [Screenshot?] = [
    nil, Screenshot(base64: "AAAA"), Screenshot(base64: "AAAA", width: 1512, height: 982),
  ]
  let everything = Set(CommandPolicy.Feature.allCases)
  let policies = [CommandPolicy(forwards: false), CommandPolicy(features: []), CommandPolicy(features: everything)]
  let flagSets = PromptFileTests.flags.sorted().reduce([Set<String>()]) { sets, flag in
    sets + sets.map { $0.union([flag]) }
  }
  var all: [PromptFacts] = []
  for language in [nil, Language.russian] {
    for screenshot in screenshots {
      for policy in policies {
        for facts in [[], ["The user's name is Anna.", "Анна живёт в Казани."]] {
          let request = question(
            language: language, screenshot: screenshot, facts: facts, commands: policy.allowed)
          for form in [ReplyForm.tools, .json] {
            for flags in flagSets {
              for searches in [false, true] {
                let date = searches ? "Friday, 21 November 2025, five past two in the afternoon" : nil
                all.append(PromptFacts(request, form: form, flags: flags, searches: searches, date: date))
              }
            }
          }
        }
      }
    }
  }
  return all
}()
