import NexyCore

/// One `chat.completion.chunk`; what is not read is left out.
///
/// https://platform.openai.com/docs/api-reference/chat-streaming/streaming
struct OpenAIChunk: Decodable {
  struct Choice: Decodable {
    var delta: Delta?
    var finishReason: String?

    enum CodingKeys: String, CodingKey {
      case delta
      case finishReason = "finish_reason"
    }
  }

  struct Delta: Decodable {
    var content: String?
    /// What the model says in place of an answer that it will not give.
    var refusal: String?
    var toolCalls: [ToolCall]?

    enum CodingKeys: String, CodingKey {
      case content, refusal
      case toolCalls = "tool_calls"
    }
  }

  struct ToolCall: Decodable {
    struct Function: Decodable {
      var name: String?
      var arguments: String?
    }

    var index: Int?
    var id: String?
    var function: Function?
  }

  struct Usage: Decodable {
    var promptTokens: Int?
    var completionTokens: Int?

    enum CodingKeys: String, CodingKey {
      case promptTokens = "prompt_tokens"
      case completionTokens = "completion_tokens"
    }
  }

  var choices: [Choice]?
  var usage: Usage?
  var error: JSONValue?
}
