import NexyCore

/// One `GenerateContentResponse`; what is not read is left out.
///
/// https://ai.google.dev/api/generate-content#generatecontentresponse
struct GeminiChunk: Decodable {
  struct Candidate: Decodable {
    var content: Content?
    var finishReason: String?
  }

  struct Content: Decodable {
    var parts: [Part]?
  }

  struct Part: Decodable {
    struct FunctionCall: Decodable {
      var name: String?
      var args: JSONValue?
    }

    var text: String?
    /// Whether it is the model's thinking and not its answer.
    var thought: Bool?
    var functionCall: FunctionCall?
  }

  struct PromptFeedback: Decodable {
    var blockReason: String?
  }

  struct Usage: Decodable {
    var promptTokenCount: Int?
    var toolUsePromptTokenCount: Int?
    var candidatesTokenCount: Int?
    var thoughtsTokenCount: Int?

    /// What the provider charges as input and as output.
    var tokens: TokenCount {
      TokenCount(
        input: promptTokenCount.map { $0 + (toolUsePromptTokenCount ?? 0) },
        output: candidatesTokenCount == nil && thoughtsTokenCount == nil
          ? nil : (candidatesTokenCount ?? 0) + (thoughtsTokenCount ?? 0))
    }
  }

  var candidates: [Candidate]?
  var promptFeedback: PromptFeedback?
  var usageMetadata: Usage?
  var error: JSONValue?
}
