import NexyCore

/// Decides what a `StreamAudio` request is: a piece to keep, a turn to run, or a mistake to name.
package struct TurnIntake: Sendable {
  /// What a request that is in order comes to.
  package enum Decision: Sendable {
    case collected
    case turn(TurnRequest)
  }

  private let buffer: CollectBuffer

  package init(buffer: CollectBuffer) { self.buffer = buffer }

  /// Keeps the collected pieces no longer than they may live, until it is cancelled.
  package func sweep() async { await buffer.sweep() }

  /// - Throws: `NexyError` with the exact texts that released clients and checks know.
  package func take(_ call: StreamCall) throws(NexyError) -> Decision {
    let device = try Self.device(call.hardwareID)
    guard let session = SessionID(call.sessionID) else {
      throw NexyError(.badSession, "session_id is required and must be provided by client")
    }
    switch call.phase {
    case .collect:
      buffer.collect(call, device: device, session: session)
      return .collected
    case .commit, .unspecified:
      return .turn(try merged(call, device, session))
    case .unknown:
      // The predecessor printed every unknown number as UNSPECIFIED; checks compare the text.
      throw NexyError(.badPhase, "unsupported request phase: REQUEST_PHASE_UNSPECIFIED")
    }
  }

  /// - Throws: `NexyError` with code `badDevice` for an identifier that names no machine.
  package static func device(_ text: String) throws(NexyError) -> DeviceID {
    guard let device = DeviceID(text) else {
      throw NexyError(.badDevice, "hardware_id is required and must be valid (not empty or 'unknown')")
    }
    return device
  }

  private func merged(_ call: StreamCall, _ device: DeviceID, _ session: SessionID) throws(NexyError) -> TurnRequest {
    let collected = buffer.take(device: device, session: session)
    let prompt = PromptMerge.merge(collected?.text ?? "", call.prompt)
    guard prompt.contains(where: { !$0.isWhitespace }) else {
      throw NexyError(.emptyPrompt, "Empty prompt: text field is required")
    }
    let image = [call.screenshot, collected?.screenshot].compactMap(\.self).first { !$0.isEmpty }
    let screenshot = image.map {
      Screenshot(
        base64: $0, width: call.screenWidth ?? collected?.screenWidth,
        height: call.screenHeight ?? collected?.screenHeight)
    }
    return TurnRequest(
      device: device, session: session, prompt: prompt, screenshot: screenshot,
      language: call.language.flatMap { Language(tag: $0) })
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
}
