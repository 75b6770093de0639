extension NexyError.Code {
  /// Somebody else holds the lease; the message says who, since when and until when.
  package static let leaseHeld = Self("lease_held")
  /// The lease went to somebody else while its holder worked.
  package static let leaseLost = Self("lease_lost")
  /// The lease's file could not be used.
  package static let leaseNotTaken = Self("lease_not_taken")
}

extension FileLease {
  static func held(_ path: String, by holder: LeaseHolder) -> NexyError {
    NexyError(
      .leaseHeld,
      """
      \(path) is held by \(holder.owner) (process \(holder.process) on \(holder.host)) \
      since \(ISO8601.text(milliseconds: holder.since)) until \(ISO8601.text(milliseconds: holder.expires)). \
      Try again when it is done; if it is gone for good, remove the file.
      """)
  }

  static func held(_ path: String, unreadableSince modified: Int64, until end: Int64) -> NexyError {
    NexyError(
      .leaseHeld,
      """
      \(path) is held by somebody that it does not name, since \(ISO8601.text(milliseconds: modified)) \
      until \(ISO8601.text(milliseconds: end)). \
      Make sure that nobody else works here, then remove the file or wait until then.
      """)
  }

  static func lost(_ path: String) -> NexyError {
    NexyError(
      .leaseLost,
      "\(path) was taken by somebody else before the work was done. Check what was written, then run it again.")
  }
}
