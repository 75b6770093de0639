import NexyCore
import Testing

@testable import NexyProviders

@Suite("The offline assistant repeats")
struct OfflineRepetitionTests {
  @Test(arguments: [
    ("Repeat after me: The cat sat. The dog ran.", "The cat sat. The dog ran."),
    ("repeat after me, one two", "one two"), ("Say after me 7", "7"), ("Повтори за мной: Привет, мир!", "Привет, мир!"),
    ("  Repeat After Me – ok  ", "ok"),
  ])
  func `what it is told to`(_ prompt: String, _ said: String) {
    #expect(Intent(reading: prompt, language: .english) == .repetition(said))
  }

  @Test(arguments: [
    "repeat after me", "Repeat after me: !", "repeat after meeting", "do not repeat after me: x", "repeat",
  ])
  func `nothing else`(_ prompt: String) {
    #expect(Repetition.text(of: prompt) == nil)
  }
}
