import CoreMetrics
import NexyTestSupport
import Testing

@testable import NexyObservability

@Suite("The server counts what it does")
struct MetricsServerTests {
  private let clock = VirtualClock()
  private let metrics: ServerMetrics

  init() { metrics = ServerMetrics(registry: MetricsRegistry(describing: ServerMetrics.catalogue, clock: clock)) }

  private func value(_ name: String, _ labels: [String: String] = [:]) throws -> Double? {
    try ParsedExposition(metrics.exposition()).value(name, labels)
  }

  @Test("an RPC is counted when it starts and when it ends")
  func rpc() throws {
    metrics.rpcStarted(method: "StreamAudio")
    metrics.rpcStarted(method: "StreamAudio")
    metrics.rpcEnded(method: "StreamAudio", status: "UNAVAILABLE", isFault: true, duration: .milliseconds(1500))
    let method = ["method": "StreamAudio"]
    #expect(try value("nexy_rpc_started_total", method) == 2)
    #expect(try value("nexy_rpc_in_flight", method) == 1)
    #expect(try value("nexy_rpc_faults_total", method) == 1)
    #expect(try value("nexy_rpc_handled_total", method.merging(["status": "UNAVAILABLE"]) { $1 }) == 1)
    #expect(try value("nexy_rpc_duration_seconds_sum", method) == 1.5)
    metrics.rpcEnded(method: "StreamAudio", status: "INVALID_ARGUMENT", isFault: false, duration: .zero)
    #expect(try value("nexy_rpc_faults_total", method) == 1)
    #expect(try value("nexy_rpc_in_flight", method) == 0)
  }

  @Test("decisions are counted by method and word, those of no method together")
  func decisions() throws {
    metrics.decided(.reject, method: "StreamAudio")
    metrics.decided(.reject, method: "StreamAudio")
    metrics.decided(.shutdown, method: nil)
    #expect(try value("nexy_decisions_total", ["method": "StreamAudio", "decision": "reject"]) == 2)
    #expect(try value("nexy_decisions_total", ["method": "none", "decision": "shutdown"]) == 1)
  }

  @Test("the server's own decisions make no RPC series")
  func noRPC() throws {
    metrics.decided(.shutdown, method: nil)
    #expect(try value("nexy_rpc_started_total") == nil)
  }

  @Test("turns are active from admission to release")
  func turns() throws {
    metrics.turnAdmitted()
    metrics.turnAdmitted()
    metrics.turnReleased()
    metrics.turnRefused(code: "server_busy")
    #expect(try value("nexy_turns_active") == 1)
    #expect(try value("nexy_turns_admitted_total") == 2)
    #expect(try value("nexy_turns_refused_total", ["reason": "server_busy"]) == 1)
    #expect(metrics.takeSnapshot().activeTurns == 1)
  }

  @Test("a speech engine's audio is measured against the time it took")
  func speech() throws {
    metrics.callBegan(.speech)
    metrics.spoke(engine: "azure", outcome: "ok", audio: .seconds(4), took: .seconds(1))
    metrics.spoke(engine: "azure", outcome: "failed", audio: .zero, took: .seconds(1))
    #expect(try value("nexy_speech_calls_in_flight") == 1)
    metrics.callEnded(.speech)
    #expect(try value("nexy_speech_calls_in_flight") == 0)
    #expect(try value("nexy_speech_calls_total", ["engine": "azure", "outcome": "ok"]) == 1)
    #expect(try value("nexy_speech_calls_total", ["engine": "azure", "outcome": "failed"]) == 1)
    #expect(try value("nexy_speech_audio_seconds_total") == 4)
    #expect(try value("nexy_speech_real_time_factor_sum") == 0.25)
    #expect(try value("nexy_speech_real_time_factor_count") == 1)
  }

  @Test("a model's calls are counted and timed")
  func model() throws {
    metrics.callBegan(.model)
    metrics.modelAnswered(model: "gemini", outcome: "ok", took: .seconds(2))
    #expect(try value("nexy_model_calls_in_flight") == 1)
    #expect(try value("nexy_model_calls_total", ["model": "gemini", "outcome": "ok"]) == 1)
    #expect(try value("nexy_model_duration_seconds_sum", ["model": "gemini"]) == 2)
  }

  @Test("times to first text and audio, traffic, connections and readiness are told")
  func rest() throws {
    metrics.heardText(after: .milliseconds(250))
    metrics.heardAudio(after: .milliseconds(750))
    metrics.received(bytes: 10)
    metrics.sent(bytes: 20)
    metrics.connectionOpened()
    metrics.connectionOpened()
    metrics.connectionClosed()
    metrics.setReady(true)
    let expected: [String: Double] = [
      "nexy_time_to_first_text_seconds_sum": 0.25, "nexy_time_to_first_audio_seconds_sum": 0.75,
      "nexy_received_bytes_total": 10, "nexy_sent_bytes_total": 20, "nexy_connections_open": 1, "nexy_ready": 1,
    ]
    for (name, told) in expected { #expect(try value(name) == told, "\(name)") }
    metrics.setReady(false)
    #expect(try value("nexy_ready") == 0)
  }

  @Test("what has no dimensions is told from the start")
  func start() throws {
    let read = try ParsedExposition(metrics.exposition())
    for description in ServerMetrics.catalogue where description.dimensions.isEmpty && description.kind == .counter {
      #expect(read[description.name] != nil, "\(description.name)")
    }
    #expect(read.value("nexy_ready") == 0)
  }

  @Test("names that a client chose do not grow it", arguments: [128, 129, 500])
  func cardinality(count: Int) throws {
    for number in 0..<count {
      metrics.rpcStarted(method: "\(number)")
      metrics.rpcEnded(method: "\(number)", status: "OK", isFault: false, duration: .zero)
      metrics.decided(.start, method: "\(number)")
      metrics.modelAnswered(model: "\(number)", outcome: "\(number)", took: .zero)
    }
    let read = try ParsedExposition(metrics.exposition())
    for name in ["nexy_rpc_started_total", "nexy_rpc_handled_total", "nexy_model_calls_total", "nexy_decisions_total"] {
      #expect(read[name]?.samples.count == min(count, 129), "\(name)")
      #expect(read[name]?.samples.map(\.value).reduce(0, +) == Double(count), "\(name)")
    }
    let snapshot = metrics.takeSnapshot()
    #expect(snapshot.methods.count == min(count, 129))
    #expect(snapshot.decisions.count == min(count, 129))
  }

  @Test("RPCs that end in many tasks are all counted")
  func concurrency() async throws {
    let (tasks, rounds) = (8, 1000)
    await withTaskGroup { group in
      for task in 0..<tasks {
        group.addTask { [metrics] in
          for _ in 0..<rounds {
            metrics.rpcStarted(method: "\(task % 2)")
            metrics.rpcEnded(method: "\(task % 2)", status: "OK", isFault: true, duration: .milliseconds(1))
          }
        }
      }
    }
    for method in ["0", "1"] {
      #expect(try value("nexy_rpc_faults_total", ["method": method]) == Double(tasks * rounds / 2))
      #expect(try value("nexy_rpc_in_flight", ["method": method]) == 0)
    }
    #expect(metrics.takeSnapshot().methods.values.map(\.ended).reduce(0, +) == tasks * rounds)
  }
}
