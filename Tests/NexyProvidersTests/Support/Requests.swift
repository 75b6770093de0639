import Foundation
import NIOCore
import NexyCore
import NexyVoice
import Synchronization

@testable import NexyProviders

/// A request as a turn would make it.
func modelRequest(
  _ prompt: String = "Hello", image: String? = nil, exchanges: [Exchange] = [], commands: [CommandSpecification] = []
) -> ModelRequest {
  ModelRequest(
    prompt: prompt, screenshot: image.map { Screenshot(base64: $0) }, device: DeviceID("device")!,
    session: SessionID("6f1d9a52-3f0e-4d4e-9a3c-0d8d2b7c1a11")!, memory: Recollection(exchanges: exchanges),
    commands: commands)
}

/// JSON text as a value, for comparing.
func json(_ text: String) throws -> JSONValue { try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)) }

func json(_ buffer: ByteBuffer) throws -> JSONValue { try json(String(buffer: buffer)) }

/// The fault that a piece of work ends with; nil when it goes well.
func fault(_ work: () async throws -> Void) async throws -> ProviderFault? {
  do {
    try await work()
    return nil
  } catch let fault as ProviderFault { return fault }
}

/// Everything a reply of these bytes gives, as `EventStream` reads them.
func read<Format: ReplyFormat>(_ stream: String, as format: Format) -> ReadReply {
  var (format, deltas) = (format, [ModelDelta]())
  let (events, stray) = eventsRead(in: stream)
  for event in events where format.fault == nil { deltas += format.take(event.data) }
  if format.fault == nil, !format.isWhole, let fault = format.fault(in: stray) {
    return ReadReply(deltas: deltas, fault: fault.kind)
  }
  if format.fault == nil { deltas += format.end() }
  return ReadReply(deltas: deltas, fault: format.fault?.kind)
}

/// The events of a stream that arrives in two pieces, and what stands between them.
func eventsRead(in stream: String, cutAt cut: Int = 0) -> (events: [ServerSentEvents.Event], stray: [UInt8]) {
  let bytes = Array(stream.utf8)
  var parser = ServerSentEvents()
  // Nothing here comes near the limit.
  let events = [bytes[..<cut], bytes[cut...]].flatMap { (try? parser.take(ByteBuffer(bytes: $0))) ?? [] }
  return (events, parser.stray)
}

struct ReadReply: Equatable {
  var deltas: [ModelDelta]
  var fault: ProviderFault.Kind?
}

/// What several tasks note down.
final class Notes<Element: Sendable>: Sendable {
  private let list = Mutex<[Element]>([])

  func add(_ element: Element) { list.withLock { $0.append(element) } }

  var all: [Element] { list.withLock { $0 } }
}
