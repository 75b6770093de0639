import NIOSSL
import NexyCore

/// What the operator says of a server; the rest is found out.
package struct TargetWish: Sendable {
  package enum Security: String, Sendable, CaseIterable { case auto, on, off }

  package var host: String
  package var port: Int
  package var healthPort: Int?
  package var updatesPort: Int?
  package var security: Security
  package var trust: TLSTrust

  package init(
    host: String, port: Int, healthPort: Int? = nil, updatesPort: Int? = nil, security: Security = .auto,
    trust: TLSTrust = .system
  ) {
    self.host = host
    self.port = port
    self.healthPort = healthPort
    self.updatesPort = updatesPort
    self.security = security
    self.trust = trust
  }
}

/// Finds out how a server is spoken to: TLS by what each port answers, one ingress or three listeners by who answers
/// `/health`.
struct TargetFinder: Sendable {
  let wish: TargetWish
  let patience: Duration

  func target() async throws -> CheckTarget {
    let (voiceSecure, certificate) = await security(of: wish.port)
    let voice = CheckTarget.Listener(port: wish.port, isSecure: voiceSecure)
    var shown = [wish.port: certificate]
    let (health, updates) = await webs(beside: voice, &shown)
    return CheckTarget(
      host: wish.host, voice: voice, health: health, updates: updates, trust: wish.trust, certificate: certificate,
      refusal: try refusal(of: shown))
  }

  private func security(of port: Int) async -> (Bool, ServerCertificate?) {
    switch wish.security {
    case .off: return (false, nil)
    case .on, .auto:
      let finding = await TLSProbe.finding(host: wish.host, port: port, within: patience)
      if case .secure(let certificate) = finding { return (true, certificate) }
      return (wish.security == .on, nil)
    }
  }

  /// - Parameter shown: Gains what each port with TLS shows of itself.
  private func webs(
    beside voice: CheckTarget.Listener, _ shown: inout [Int: ServerCertificate?]
  ) async -> (CheckTarget.Listener, CheckTarget.Listener) {
    let isIngress = wish.healthPort == nil && wish.updatesPort == nil ? await answersHealth(voice) : false
    if isIngress { return (voice, voice) }
    let usual = Self.usualPorts(beside: wish.port)
    let health = wish.healthPort ?? usual.health
    let updates = wish.updatesPort ?? (wish.healthPort == wish.port ? wish.port : usual.updates)
    return (await listener(health, voice, &shown), await listener(updates, voice, &shown))
  }

  private func listener(
    _ port: Int, _ voice: CheckTarget.Listener, _ shown: inout [Int: ServerCertificate?]
  ) async -> CheckTarget.Listener {
    if port == voice.port { return voice }
    let (isSecure, certificate) = await security(of: port)
    // Nobody need listen here, such as where updates are off: what looks at the port says so.
    if isSecure, certificate != nil || wish.security == .auto { shown[port] = .some(certificate) }
    return CheckTarget.Listener(port: port, isSecure: isSecure)
  }

  /// An ingress answers with some HTTP status; the voice listener alone speaks no HTTP/1.1.
  private func answersHealth(_ voice: CheckTarget.Listener) async -> Bool {
    let probe = CheckTarget(
      host: wish.host, voice: voice, health: voice, updates: voice, trust: .anything, certificate: nil, refusal: nil)
    let answer = try? await WebLine.with(probe, patience: patience) { web in
      try await web.get(probe.address(voice, "/health"))
    }
    return answer != nil
  }

  /// - Parameter shown: The certificate of the voice port, and of each other port with TLS.
  private func refusal(of shown: [Int: ServerCertificate?]) throws -> String? {
    guard case .pinned(let path) = wish.trust else { return nil }
    guard let pinned = try TLSTrust.certificates(path).first?.toDERBytes() else {
      throw NexyError(.badPEM, "\(path) holds no certificate. Give a PEM file.")
    }
    for (port, certificate) in shown.sorted(by: { $0.key < $1.key }) where certificate?.bytes != pinned {
      return certificate == nil
        ? "port \(port) takes no connection or shows no certificate, and \(path) is pinned"
        : "port \(port) shows another certificate than \(path)"
    }
    return nil
  }

  /// Production's and staging's listeners are neighbours: 50051 with 8080 and 8081, 50061 with 8082 and 8083.
  static func usualPorts(beside port: Int) -> (health: Int, updates: Int) {
    port == 50061 ? (8082, 8083) : (8080, 8081)
  }
}
