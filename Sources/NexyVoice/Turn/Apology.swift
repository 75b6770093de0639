import NexyCore

/// What is said when the model lets the listener down: who cannot see the screen must hear that no more will come.
enum Apology {
  /// Why there is nothing more to say.
  enum Occasion: CaseIterable {
    /// Nothing was said yet.
    case noAnswer
    /// The answer broke off.
    case brokenOff
    /// The model's safety rules keep it from answering.
    case blocked
  }

  static func text(for occasion: Occasion, in language: Language) -> String {
    switch (occasion, language) {
    case (.noAnswer, .english): "Sorry, I can't answer right now. Please ask me again in a minute."
    case (.noAnswer, .russian): "Извините, сейчас я не могу ответить. Спросите ещё раз через минуту."
    case (.brokenOff, .english): "Sorry, my answer broke off. Please ask me again."
    case (.brokenOff, .russian): "Извините, ответ прервался. Спросите, пожалуйста, ещё раз."
    case (.blocked, .english): "Sorry, I can't help with that."
    case (.blocked, .russian): "Извините, с этим я помочь не могу."
    }
  }
}
