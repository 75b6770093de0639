import NexyCore

/// Decides what a `StreamAudio` request is: a piece to keep, a turn to run, or a mistake to name.
package struct TurnIntake: Sendable {
  /// What a request that is in order comes to.
  package enum Arrival: Sendable {
    case piece(TurnSlot.Owner)
    case turn(TurnSlot.Owner)

    package var owner: TurnSlot.Owner {
      switch self {
      case .piece(let owner), .turn(let owner): owner
      }
    }
  }

  private let buffer: CollectBuffer
  private let imageLimit: Int
  private let takesImages: @Sendable () -> Bool

  /// - Parameters:
  ///   - imageLimit: Bytes that a screenshot may have once its base64 is decoded.
  ///   - takesImages: Whether a turn gets its screenshot now.
  package init(
    buffer: CollectBuffer, imageLimit: Int = 10 << 20, takesImages: @escaping @Sendable () -> Bool = { true }
  ) {
    self.buffer = buffer
    self.imageLimit = imageLimit
    self.takesImages = takesImages
  }

  /// Keeps the collected pieces no longer than they may live, until it is cancelled.
  package func sweep() async { await buffer.sweep() }

  /// - Throws: `NexyError` with the exact texts that released clients and checks know.
  package func read(_ call: StreamCall) throws(NexyError) -> Arrival {
    let device = try Self.device(call.hardwareID)
    guard let session = SessionID(call.sessionID) else {
      throw NexyError(.badSession, "session_id is required and must be provided by client")
    }
    try checkImage(call.screenshot)
    let owner = TurnSlot.Owner(device: device, session: session)
    switch call.phase {
    case .collect: return .piece(owner)
    case .commit, .unspecified: return .turn(owner)
    case .unknown:
      // The predecessor printed every unknown number as UNSPECIFIED; checks compare the text.
      throw NexyError(.badPhase, "unsupported request phase: REQUEST_PHASE_UNSPECIFIED")
    }
  }

  /// Keeps a piece for its session's COMMIT.
  package func collect(_ call: StreamCall, for owner: TurnSlot.Owner) {
    buffer.collect(call, device: owner.device, session: owner.session)
  }

  /// The turn that a request and what was collected for it ask for; what was collected is used up.
  ///
  /// - Throws: `NexyError` with code `emptyPrompt`.
  package func request(_ call: StreamCall, for owner: TurnSlot.Owner) throws(NexyError) -> TurnRequest {
    let collected = buffer.take(device: owner.device, session: owner.session)
    let prompt = PromptMerge.merge(collected?.text ?? "", call.prompt)
    guard prompt.contains(where: { !$0.isWhitespace }) else {
      throw NexyError(.emptyPrompt, "Empty prompt: text field is required")
    }
    let image = [call.screenshot, collected?.screenshot].compactMap(\.self).first { !$0.isEmpty }
    let screenshot = (takesImages() ? image : nil).map {
      Screenshot(
        base64: $0, width: call.screenWidth ?? collected?.screenWidth,
        height: call.screenHeight ?? collected?.screenHeight)
    }
    return TurnRequest(
      device: owner.device, session: owner.session, prompt: prompt, screenshot: screenshot,
      language: call.language.flatMap { Language(tag: $0) })
  }

  /// Four characters of base64 are three bytes, less one for each `=` at the end.
  private func checkImage(_ base64: String?) throws(NexyError) {
    guard let base64, base64.utf8.count / 4 * 3 > imageLimit else { return }
    let bytes = base64.utf8.count / 4 * 3 - base64.utf8.suffix(2).count { $0 == UInt8(ascii: "=") }
    guard bytes > imageLimit else { return }
    throw NexyError(
      .imageTooLarge, "The screenshot has \(bytes) bytes; IMAGE_MAX_SIZE allows \(imageLimit). Send a smaller one.")
  }

  /// - Throws: `NexyError` with code `badDevice` for an identifier that names no machine.
  package static func device(_ text: String) throws(NexyError) -> DeviceID {
    guard let device = DeviceID(text) else {
      throw NexyError(.badDevice, "hardware_id is required and must be valid (not empty or 'unknown')")
    }
    return device
  }
}

extension NexyError.Code {
  /// `hardware_id` names no machine.
  package static let badDevice = Self("invalid_hardware_id")
  /// `session_id` is no UUID of version 4.
  package static let badSession = Self("missing_session_id")
  /// The phase is a number without a meaning.
  package static let badPhase = Self("unsupported_phase")
  /// There is nothing to answer, in the request and in what was collected.
  package static let emptyPrompt = Self("empty_prompt")
  /// The screenshot is larger than the server takes.
  package static let imageTooLarge = Self("image_too_large")
}
