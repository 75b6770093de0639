/// What this program is.
package enum Nexy {
  /// The version of the server itself; the client's version is another axis.
  package static let version = "0.1.0.0"
}
