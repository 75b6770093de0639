import Foundation
import NexyCore
import NexyWire

/// What the server says of itself, over HTTP and over gRPC.
enum HealthCheck {
  static func look(_ run: CheckRun) async throws {
    let pages = HealthPages(run)
    await pages.look()
    try await VoiceLine.with(run.target, patience: run.patience) { line in
      for (point, service) in [(CheckPoint.healthGRPC, ""), (.healthService, "streaming.StreamingService")] {
        await run.look(point, expecting: "SERVING") {
          let status = try await line.serving(service)
          return status == "SERVING" ? .good(status) : .bad(status)
        }
      }
      await run.look(.healthUnknown, expecting: "NOT_FOUND") {
        do { return .bad(try await line.serving("nexy.check.Unknown")) } catch let failure as CallFailure {
          return failure.status == "NOT_FOUND" ? .good(failure.status) : .bad(failure.description)
        }
      }
    }
    await trusted(run)
    certificate(run)
  }

  private static func trusted(_ run: CheckRun) async {
    let expected = "a handshake with \(run.target.trust.told)"
    guard run.target.health.isSecure else {
      run.record(.healthTrusted, expecting: expected, .skipped("the port speaks no TLS"))
      return
    }
    await run.look(.healthTrusted, expecting: expected) {
      _ = try await run.web.get(run.target.address(run.target.health, "/health"))
      return .good("trusted")
    }
  }

  /// Days that a certificate must still be valid: who renews monthly has weeks, and a week is time to mend.
  static let fewestDays = 7.0

  private static func certificate(_ run: CheckRun) {
    let (names, days) = ("\(run.target.host) among its names", "more than \(Int(fewestDays)) days")
    guard run.target.voice.isSecure else {
      run.record(.healthNames, expecting: names, .skipped("the port speaks no TLS"))
      run.record(.healthDays, expecting: days, .skipped("the port speaks no TLS"))
      return
    }
    guard let certificate = run.target.certificate else {
      run.record(.healthNames, expecting: names, .bad("the port ended the handshake without a certificate"))
      run.record(.healthDays, expecting: days, .bad("the port ended the handshake without a certificate"))
      return
    }
    let told = certificate.names.isEmpty ? "no names" : certificate.names.joined(separator: ", ")
    run.record(.healthNames, expecting: names, certificate.isFor(run.target.host) ? .good(told) : .bad(told))
    let now = Date().timeIntervalSince1970
    let left = (Double(certificate.validUntil) - now) / 86_400
    let sight: Sight =
      if Double(certificate.validAfter) > now { .bad("it is not valid yet") } else if left < 0 {
        .bad("it ended \(Int(-left)) days ago")
      } else { left < fewestDays ? .bad("\(Int(left)) days are left") : .good("\(Int(left)) days are left") }
    run.record(.healthDays, expecting: days, sight)
  }
}
