extension CheckPoint {
  static let deadlineKept = Self(
    "interceptors.deadline", "A deadline that has passed ends the call",
    cause: "The server or a proxy does not read grpc-timeout.", see: .turns)
  static let deadlineFrees = Self(
    "interceptors.deadline.slot", "A turn whose deadline passed gives its slot back",
    cause: "Turns outlive their clients: a leak of slots.", see: .limits)
  static let cancelFrees = Self(
    "interceptors.cancel.slot", "A turn whose client left gives its slot back",
    cause: "Turns outlive their clients, or a proxy does not pass the reset on.", see: .limits)
  static let unavailable = Self(
    "interceptors.unavailable", "A port where nobody listens is UNAVAILABLE at once",
    cause: "Something answers for every port of this host, as some proxies do.", see: .unreachable)
  static let oversized = Self(
    "interceptors.oversized", "A request beyond 16 MiB is refused",
    cause: "A proxy has a limit of its own, or the server has none.", see: .ingress)
  static let unknownMethod = Self(
    "interceptors.method", "An unknown method is UNIMPLEMENTED", cause: "Something else answers on this port.",
    see: .ingress)
  static let contentType = Self(
    "interceptors.content_type", "What is no gRPC is refused", cause: "Something else answers on this port.",
    see: .ingress)
  static let malformed = Self(
    "interceptors.malformed", "A message that cannot be read is refused",
    cause: "The server takes what it cannot have understood.", see: .refusals)
  static let afterwards = Self(
    "interceptors.afterwards", "After all that, a turn is served as before",
    cause: "A bad request harmed the server.", see: .turns)
  static let logged = Self(
    "interceptors.log", "The log tells of our turns from their start to their end",
    cause: "The log is another server's, is rotated away, or its disk is full.", see: .log)
  static let loggedRefusal = Self(
    "interceptors.log.refusal", "The log tells of our refused request and why",
    cause: "The log is another server's, is rotated away, or its disk is full.", see: .log)
}
