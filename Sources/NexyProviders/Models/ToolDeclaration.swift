import NexyCore
import NexyVoice

extension CommandSpecification {
  /// What Gemini and OpenAI share of declaring a function: its name, what it is for, and a schema of its arguments
  /// (JSON Schema, https://json-schema.org, of which both read this part).
  var toolDeclaration: JSONValue {
    var declaration: [String: JSONValue] = ["name": .string(name), "description": .string(meaning)]
    // Gemini refuses an object without properties; a function without parameters is declared without a schema.
    if !arguments.isEmpty {
      let properties = arguments.map { argument -> (String, JSONValue) in
        (argument.name, ["type": "string", "description": .string(argument.meaning)])
      }
      let required = arguments.filter(\.isRequired).map { JSONValue.string($0.name) }
      var schema: [String: JSONValue] = [
        "type": "object", "properties": .object(Dictionary(properties) { first, _ in first }),
      ]
      if !required.isEmpty { schema["required"] = .array(required) }
      declaration["parameters"] = .object(schema)
    }
    return .object(declaration)
  }
}
