import NexyCore

/// What a connection and its streams may take of the server before a turn has begun and after it has ended.
///
/// Two more limits are the HTTP/2 library's own: 16 KiB of headers a request, and 200 streams reset in 30 seconds, after
/// which a connection is closed (the rapid reset attack, CVE-2023-44487).
struct TransportLimits: Sendable {
  /// Bytes of one request: a screenshot of 11 MiB in base64 fits, so that its own limit answers first.
  var requestBytes = 16 << 20
  /// Bytes of all requests that are still coming.
  var requestBytesInAll = 512 << 20
  /// How long a request may take to come, and how long it may pause meanwhile.
  var requestTime = Duration.seconds(300)
  var requestPause = Duration.seconds(30)
  /// How long a stream may take to close after its status was sent to a client that does not read.
  var closingTime = Duration.seconds(5)
  var connections = 1000
  var streamsPerConnection = 100
  /// After so long without a call, or in all, a connection is closed gracefully; clients connect anew by themselves.
  var connectionIdle = Duration.seconds(300)
  var connectionAge = Duration.seconds(4 * 3600)
  /// A connection that says nothing is asked whether it is there, and closed when it does not answer.
  var keepaliveTime = Duration.seconds(60)
  var keepaliveTimeout = Duration.seconds(20)
  /// Released clients ping every 60 to 120 seconds, also between calls; more than this counts against them.
  var pingInterval = Duration.seconds(10)
}
