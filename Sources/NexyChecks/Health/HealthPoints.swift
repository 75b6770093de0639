extension CheckPoint {
  static let healthWeb = Self(
    "health.web", "/health says OK", cause: "The server runs with something wrong: `reasons` names it.", see: .health)
  static let healthCache = Self(
    "health.cache", "/health may be kept for half a minute", cause: "A proxy adds or takes away headers.",
    see: .ingress)
  static let healthVersions = Self(
    "health.versions", "Versions have four parts", cause: "A version was set by hand; see `nexy version check`.",
    see: .health)
  static let healthSame = Self(
    "health.same", "/health, /status and /updates/health name the same versions",
    cause: "Two servers, or two releases of one, answer behind one address.", see: .health)
  static let healthStatus = Self(
    "health.status", "/status tells what runs", cause: "Another program answers on this port.", see: .health)
  static let healthMissing = Self(
    "health.missing", "What is not there is 404, as JSON", cause: "A proxy answers in the server's place.",
    see: .ingress)
  static let healthHead = Self(
    "health.head", "HEAD is GET without a body", cause: "A proxy answers in the server's place.", see: .ingress)
  static let healthUpdates = Self(
    "health.updates", "/updates/health says healthy",
    cause: "A manifest, an artifact or a signature is wrong, or nothing is published: `reasons` names it.",
    see: .updates)
  static let healthUpdatesCache = Self(
    "health.updates.cache", "/updates/health may be kept for half a minute while all is well",
    cause: "A proxy adds or takes away headers.",
    see: .ingress)
  static let healthGRPC = Self(
    "health.grpc", "grpc.health.v1 says SERVING", cause: "The server is stopping, or has no working voice.",
    see: .health)
  static let healthService = Self(
    "health.grpc.service", "grpc.health.v1 knows streaming.StreamingService", cause: "Another server answers.",
    see: .health)
  static let healthUnknown = Self(
    "health.grpc.unknown", "grpc.health.v1 says NOT_FOUND of an unknown service",
    cause: "Something answers SERVING to everything.", see: .health)
  static let healthTrusted = Self(
    "health.certificate.trusted", "The certificate is signed by whom we believe",
    cause: "It was made by another authority, or its chain is not served whole.", see: .certificate)
  static let healthNames = Self(
    "health.certificate.names", "The certificate is for this host", cause: "The certificate of another host is served.",
    see: .certificate)
  static let healthDays = Self(
    "health.certificate.days", "The certificate is valid for a week and more",
    cause: "It was not renewed: see the timer of certbot.", see: .certificate)
}
