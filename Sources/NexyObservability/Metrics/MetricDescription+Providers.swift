// What language models and speech engines did for the turns.
extension MetricDescription {
  static let modelCalls = MetricDescription(
    "nexy_model_calls_total", .counter, .count, by: ["model", "outcome"],
    meaning: "Calls of language models that ended, by their outcome.",
    alert: """
      sum by (model) (rate(nexy_model_calls_total{outcome!="ok"}[5m])) \
      / sum by (model) (rate(nexy_model_calls_total[5m])) > 0.1
      """)
  static let modelDuration = MetricDescription(
    "nexy_model_duration_seconds", .timer, .seconds, by: ["model"],
    meaning: "How long calls of language models took, to the last token.",
    alert: """
      histogram_quantile(0.95, sum by (model, le) (rate(nexy_model_duration_seconds_bucket[5m]))) > 20
      """)
  static let modelDurationWindow = MetricDescription(
    "nexy_model_duration_seconds_window", .gauge, .seconds, by: ["model", "quantile"],
    meaning: "Quantiles of how long calls of language models took, over the last whole minute.",
    alert: #"nexy_model_duration_seconds_window{quantile="0.95"} > 20"#)
  static let modelCallsInFlight = MetricDescription(
    "nexy_model_calls_in_flight", .gauge, .count,
    meaning: "Calls of language models that run now.",
    alert: #"min_over_time(nexy_model_calls_in_flight[5m]) > 40"#)

  static let speechCalls = MetricDescription(
    "nexy_speech_calls_total", .counter, .count, by: ["engine", "outcome"],
    meaning: "Calls of speech engines that ended, by their outcome.",
    alert: """
      sum by (engine) (rate(nexy_speech_calls_total{outcome!="ok"}[5m])) \
      / sum by (engine) (rate(nexy_speech_calls_total[5m])) > 0.1
      """)
  static let speechRealTimeFactor = MetricDescription(
    "nexy_speech_real_time_factor", .histogram, .ratio, buckets: MetricBuckets.realTimeFactors,
    meaning: "Time a speech engine took over the length of the audio it made; above 1 the listener waits.",
    alert: #"histogram_quantile(0.95, rate(nexy_speech_real_time_factor_bucket[5m])) > 0.75"#)
  static let speechAudio = MetricDescription(
    "nexy_speech_audio_seconds_total", .counter, .seconds,
    meaning: "Length of all audio that speech engines made.",
    alert: #"rate(nexy_speech_audio_seconds_total[15m]) == 0 and rate(nexy_turns_admitted_total[15m]) > 0"#)
  static let speechCallsInFlight = MetricDescription(
    "nexy_speech_calls_in_flight", .gauge, .count,
    meaning: "Calls of speech engines that run now.",
    alert: #"min_over_time(nexy_speech_calls_in_flight[5m]) > 40"#)

  static let circuitState = MetricDescription(
    "nexy_provider_circuit_state", .gauge, .count, by: ["provider", "kind", "key"],
    meaning:
      "Whether a provider is called, by the end of its key: 0 yes, 1 it is being tried again, 2 it is left alone after failures.",
    alert: "min_over_time(nexy_provider_circuit_state[10m]) == 2")

  static let providers: [MetricDescription] = [
    .circuitState,
    .modelCalls, .modelDuration, .modelDurationWindow, .modelCallsInFlight, .speechCalls, .speechRealTimeFactor,
    .speechAudio, .speechCallsInFlight,
  ]
}
