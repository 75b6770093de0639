import NexyCore

extension NexyError.Code {
  /// The language model broke off or could not be reached.
  package static let modelFailed = Self("model_failed")
  /// The language model's safety rules keep it from answering.
  package static let replyBlocked = Self("reply_blocked")
  /// The speech engine is missing, crashed, hung or gave no sound.
  package static let speechFailed = Self("speech_failed")
}
