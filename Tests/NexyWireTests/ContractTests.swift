import Testing

@Suite("The contract is the one released clients speak")
struct ContractTests {
  private static let messages: [(name: String, fields: [String])] = [
    (
      "StreamRequest",
      [
        "string prompt = 1", "optional string screenshot = 2", "optional int32 screen_width = 3",
        "optional int32 screen_height = 4", "string hardware_id = 5", "string session_id = 6",
        "RequestPhase phase = 7", "int32 chunk_seq = 8", "optional string chunk_text = 9",
      ]
    ),
    (
      "StreamResponse",
      [
        "oneof content string text_chunk = 1", "oneof content AudioChunk audio_chunk = 2",
        "oneof content string end_message = 3", "oneof content string error_message = 4",
        "oneof content ActionMessage action_message = 5",
        "oneof content BrowserProgressMessage browser_progress = 6",
      ]
    ),
    (
      "AudioChunk",
      [
        "bytes audio_data = 1", "string dtype = 2", "repeated int32 shape = 3", "int32 sample_rate = 4",
        "int32 channels = 5",
      ]
    ),
    ("ActionMessage", ["string action_json = 1", "string session_id = 2", "optional string feature_id = 3"]),
    ("InterruptRequest", ["string hardware_id = 1"]),
    ("InterruptResponse", ["bool success = 1", "repeated string interrupted_sessions = 2", "string message = 3"]),
    ("WelcomeRequest", ["string text = 1", "string session_id = 2", "string voice = 3", "string language = 4"]),
    (
      "WelcomeResponse",
      [
        "oneof content AudioChunk audio_chunk = 1", "oneof content WelcomeMetadata metadata = 2",
        "oneof content string end_message = 3", "oneof content string error_message = 4",
      ]
    ),
    (
      "WelcomeMetadata",
      [
        "string method = 1", "double duration_sec = 2", "int32 sample_rate = 3", "int32 channels = 4",
        "string dtype = 5",
      ]
    ),
    (
      "UsageRequest",
      [
        "string hardware_id = 1", "string session_id = 2", "string source = 3", "int32 input_tokens = 4",
        "int32 output_tokens = 5", "string model = 6",
      ]
    ),
    ("UsageResponse", ["bool success = 1", "string message = 2"]),
    (
      "BrowserProgressMessage",
      [
        "BrowserEventType type = 1", "string task_id = 2", "optional int32 step_number = 3",
        "optional string description = 4", "optional string url = 5", "optional string action = 6",
        "string timestamp = 7", "optional string error = 8", "optional BrowserProgressDetails details = 9",
      ]
    ),
    (
      "BrowserProgressDetails",
      ["double duration_sec = 1", "repeated string actions = 2", "map<string,string> metadata = 3"]
    ),
  ]

  private static let enums: [(name: String, values: [String: Int])] = [
    (
      "RequestPhase",
      ["REQUEST_PHASE_UNSPECIFIED": 0, "REQUEST_PHASE_COLLECT": 1, "REQUEST_PHASE_COMMIT": 2]
    ),
    (
      "BrowserEventType",
      [
        "BROWSER_TASK_STARTED": 0, "BROWSER_STEP_STARTED": 1, "BROWSER_STEP_COMPLETED": 2,
        "BROWSER_ACTION_EXECUTED": 3, "BROWSER_TASK_COMPLETED": 4, "BROWSER_TASK_FAILED": 5,
        "BROWSER_TASK_CANCELLED": 6,
      ]
    ),
  ]

  private static let methods = [
    "rpc StreamAudio ( StreamRequest ) returns ( stream StreamResponse )",
    "rpc InterruptSession ( InterruptRequest ) returns ( InterruptResponse )",
    "rpc GenerateWelcomeAudio ( WelcomeRequest ) returns ( stream WelcomeResponse )",
    "rpc ReportUsage ( UsageRequest ) returns ( UsageResponse )",
  ]

  private let proto: ProtoFile

  init() throws { proto = try ProtoFile(Repository.text(of: "protos/streaming.proto")) }

  @Test("the package is streaming")
  func packageName() { #expect(proto.name == "streaming") }

  @Test("a message has its fields, with their names, numbers, types and labels", arguments: messages)
  func message(name: String, fields: [String]) {
    #expect(proto.messages[name]?.map(\.description).sorted() == fields.sorted())
  }

  @Test("an enumeration has its values", arguments: enums)
  func enumeration(name: String, values: [String: Int]) { #expect(proto.enums[name] == values) }

  @Test("the service has its four methods")
  func service() {
    #expect(proto.methods.keys.sorted() == ["StreamingService"])
    #expect(proto.methods["StreamingService"]?.sorted() == Self.methods.sorted())
  }

  @Test("there is nothing else in it")
  func nothingElse() {
    #expect(proto.messages.keys.sorted() == Self.messages.map(\.name).sorted())
    #expect(proto.enums.keys.sorted() == Self.enums.map(\.name).sorted())
  }
}
