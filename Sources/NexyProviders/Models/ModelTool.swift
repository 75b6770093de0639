import NexyCore

/// A command as a language model is told about it.
package struct ModelTool: Sendable, Equatable {
  package var name: String
  /// What it does, in the model's reading.
  package var summary: String
  /// Its arguments as a JSON Schema of type `object`.
  package var parameters: JSONValue

  package init(name: String, summary: String, parameters: JSONValue) {
    self.name = name
    self.summary = summary
    self.parameters = parameters
  }
}
