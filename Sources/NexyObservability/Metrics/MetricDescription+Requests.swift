// What clients asked for and what they got.
extension MetricDescription {
  static let rpcStarted = MetricDescription(
    "nexy_rpc_started_total", .counter, .count, by: ["method"],
    meaning: "RPCs that began.",
    alert: #"sum(rate(nexy_rpc_started_total[5m])) > 20"#)
  static let rpcHandled = MetricDescription(
    "nexy_rpc_handled_total", .counter, .count, by: ["method", "status"],
    meaning: "RPCs that ended, by their gRPC status.",
    alert: #"sum(rate(nexy_rpc_handled_total{status="INVALID_ARGUMENT"}[15m])) > 1"#)
  static let rpcFaults = MetricDescription(
    "nexy_rpc_faults_total", .counter, .count, by: ["method"],
    meaning: "RPCs that ended badly by the server's or a provider's fault, not the client's.",
    alert: """
      sum by (method) (rate(nexy_rpc_faults_total[5m])) \
      / sum by (method) (rate(nexy_rpc_handled_total[5m])) > 0.05
      """)
  static let rpcInFlight = MetricDescription(
    "nexy_rpc_in_flight", .gauge, .count, by: ["method"],
    meaning: "RPCs that run now.",
    alert: #"sum(nexy_rpc_in_flight) > 80"#)
  static let rpcDuration = MetricDescription(
    "nexy_rpc_duration_seconds", .timer, .seconds, by: ["method"],
    meaning: "How long RPCs took from their begin to their status.",
    alert: """
      histogram_quantile(0.95, sum by (method, le) (rate(nexy_rpc_duration_seconds_bucket[5m]))) > 30
      """)
  static let rpcDurationWindow = MetricDescription(
    "nexy_rpc_duration_seconds_window", .gauge, .seconds, by: ["method", "quantile"],
    meaning: "Quantiles of how long RPCs took, over the last whole minute.",
    alert: #"nexy_rpc_duration_seconds_window{method="StreamAudio",quantile="0.95"} > 30"#)

  static let decisions = MetricDescription(
    "nexy_decisions_total", .counter, .count, by: ["method", "decision"],
    meaning: "Decisions that the log tells, by the word after decision=.",
    alert: #"sum(rate(nexy_decisions_total{decision="reject"}[5m])) > 1"#)

  static let turnsActive = MetricDescription(
    "nexy_turns_active", .gauge, .count,
    meaning: "Turns that hold a slot now.",
    alert: #"min_over_time(nexy_turns_active[5m]) > 40"#)
  static let turnsAdmitted = MetricDescription(
    "nexy_turns_admitted_total", .counter, .count,
    meaning: "Turns that were given a slot.",
    alert: """
      sum(rate(nexy_turns_admitted_total[15m])) == 0 \
      and sum(rate(nexy_rpc_started_total{method="StreamAudio"}[15m])) > 0
      """)
  static let turnsRefused = MetricDescription(
    "nexy_turns_refused_total", .counter, .count, by: ["reason"],
    meaning: "Turns that were refused a slot, by the refusal's code.",
    alert: """
      sum(rate(nexy_turns_refused_total[5m])) > 0.01 * sum(rate(nexy_turns_admitted_total[5m]))
      """)

  static let timeToFirstText = MetricDescription(
    "nexy_time_to_first_text_seconds", .timer, .seconds,
    meaning: "From a turn's request to the first text sent.",
    alert: #"histogram_quantile(0.95, rate(nexy_time_to_first_text_seconds_bucket[5m])) > 2"#)
  static let timeToFirstTextWindow = MetricDescription(
    "nexy_time_to_first_text_seconds_window", .gauge, .seconds, by: ["quantile"],
    meaning: "Quantiles of the time to first text, over the last whole minute.",
    alert: #"nexy_time_to_first_text_seconds_window{quantile="0.95"} > 2"#)
  static let timeToFirstAudio = MetricDescription(
    "nexy_time_to_first_audio_seconds", .timer, .seconds,
    meaning: "From a turn's request to the first audio sent.",
    alert: #"histogram_quantile(0.95, rate(nexy_time_to_first_audio_seconds_bucket[5m])) > 3"#)
  static let timeToFirstAudioWindow = MetricDescription(
    "nexy_time_to_first_audio_seconds_window", .gauge, .seconds, by: ["quantile"],
    meaning: "Quantiles of the time to first audio, over the last whole minute.",
    alert: #"nexy_time_to_first_audio_seconds_window{quantile="0.95"} > 3"#)

  static let receivedBytes = MetricDescription(
    "nexy_received_bytes_total", .counter, .bytes,
    meaning: "Bytes of the messages that clients sent.",
    alert: #"rate(nexy_received_bytes_total[5m]) > 1e7"#)
  static let sentBytes = MetricDescription(
    "nexy_sent_bytes_total", .counter, .bytes,
    meaning: "Bytes of the messages sent to clients.",
    alert: #"rate(nexy_sent_bytes_total[5m]) > 1e7"#)
  static let connectionsOpen = MetricDescription(
    "nexy_connections_open", .gauge, .count,
    meaning: "Connections of clients that are open now.",
    alert: #"nexy_connections_open > 80"#)
  static let ready = MetricDescription(
    "nexy_ready", .gauge, .truth,
    meaning: "Whether the server takes turns: 1 when ready, 0 while it starts, drains or lacks a provider.",
    alert: #"min_over_time(nexy_ready[2m]) == 0"#)

  static let requests: [MetricDescription] = [
    .rpcStarted, .rpcHandled, .rpcFaults, .rpcInFlight, .rpcDuration, .rpcDurationWindow, .decisions, .turnsActive,
    .turnsAdmitted, .turnsRefused, .timeToFirstText, .timeToFirstTextWindow, .timeToFirstAudio,
    .timeToFirstAudioWindow, .receivedBytes, .sentBytes, .connectionsOpen, .ready,
  ]
}
