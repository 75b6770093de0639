/// How a body that was begun came to its end.
package struct DownloadEnd: Sendable, Equatable {
  /// Why there is nothing more to send.
  package enum Reason: String, Sendable, CaseIterable {
    /// All bytes were handed to the network.
    case complete
    /// The client closed the connection, or the server stopped.
    case left
    /// The client did not read.
    case stalled
    /// The file was written to or cut; the rest would not have belonged to what was sent.
    case changed
    /// The disk failed.
    case unreadable
  }

  package let name: String
  /// Bytes handed to the network, and bytes announced.
  package let sent: Int64
  package let announced: Int64
  package let reason: Reason
}
