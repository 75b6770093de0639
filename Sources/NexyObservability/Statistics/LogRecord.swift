/// What the statistics need to know of a line.
///
/// The texts look into the line's own bytes and live no longer than those; an empty one was not there.
package struct LogRecord {
  package typealias Text = UnsafeRawBufferPointer

  /// Since 1970, in UTC.
  var milliseconds: Int64 = 0
  /// Without the service's name: of `/streaming.StreamingService/StreamAudio` the last part.
  var method = Text(start: nil, count: 0)
  var decision = Text(start: nil, count: 0)
  /// Milliseconds; nil when the line ends nothing.
  var duration: Int64?
  /// `ctx.active_streams`.
  var activeStreams: Int64?
  /// `ctx.error_type`, the server's own name of a failure.
  var errorType = Text(start: nil, count: 0)
  /// `ctx.error_code`, the gRPC status.
  var errorCode = Text(start: nil, count: 0)
  /// `ctx.error_classified`: transient or permanent.
  var errorClass = Text(start: nil, count: 0)
}

/// Why a line is no record.
package enum LogFault: String, Error, CaseIterable, Sendable {
  case empty = "an empty line"
  case tooLong = "longer than 1 MiB"
  case foreign = "neither ts= nor { at its start"
  case time = "ts is no ISO 8601 time with a zone"
  case cut = "cut off: a field or msg is missing"
  case context = "ctx is no JSON object"
  case duration = "dur_ms is no whole number"
  case object = "not one JSON object"
  case member = "a JSON member of the wrong type"
}
