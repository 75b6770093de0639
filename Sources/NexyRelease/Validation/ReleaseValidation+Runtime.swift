import NexyCore
import NexyUpdates

/// What the runtime and its update server say of themselves.
extension ReleaseValidation {
  /// Bytes of an answer that tells about a server.
  private static let largestAnswer = 256 << 10

  static let startRuntime = "Start `nexy serve --runtime staging`, or correct RELEASE_STAGING_URL."
  static let startUpdates =
    "Start `nexy serve --runtime staging` with UPDATE_BETA_ENABLED=true, or correct RELEASE_BETA_UPDATES_URL."

  func runtimeHealth() async throws -> ValidationCheck {
    try await check("runtime health", expecting: "200, OK, a version", otherwise: Self.startRuntime) {
      let answer = try await web.get("\(healthURL)/health", limit: Self.largestAnswer)
      let members = Self.members(answer)
      let status = members["status"]?.string ?? "no status"
      let version = members["latest_version"]?.string ?? "no version"
      let text = Self.sentence("\(answer.status), \(status), \(version)", members)
      if answer.status != 200 || status != "OK" {
        return .bad(text, "Mend what it names, or correct RELEASE_STAGING_URL, and validate again.")
      }
      guard ReleaseVersion(version) != nil else {
        return .bad(text, "Its version must be one to four numbers: publish a release with `nexy release publish`.")
      }
      return .good(text)
    }
  }

  func runtimeStatus() async throws -> ValidationCheck {
    try await check("runtime status", expecting: "200", otherwise: Self.startRuntime) {
      let answer = try await web.get("\(healthURL)/status", limit: Self.largestAnswer)
      return answer.status == 200
        ? .good("200") : .bad("\(answer.status)", "Look at the staging runtime's log, and validate again.")
    }
  }

  /// Before the first stable release an update server is not healthy for that alone, and that is no fault of the beta.
  func updatesHealth() async throws -> ValidationCheck {
    try await check("updates health", expecting: expectedOfUpdates, otherwise: Self.startUpdates) {
      let answer = try await web.get("\(updatesURL)/health", limit: Self.largestAnswer)
      return judgeUpdates(answer, Self.members(answer))
    }
  }

  private var expectedOfUpdates: String {
    "200, healthy, versions" + (channel == .stable ? " \(manifest.version) (\(manifest.build))" : "")
  }

  private func judgeUpdates(_ answer: WebAnswer, _ members: [String: JSONValue]) -> Observation {
    let status = members["status"]?.string ?? "no status"
    let latest = ["latest_version", "latest_build"].map { members[$0]?.string ?? "none" }
    let text = Self.sentence("\(answer.status), \(status), stable \(latest[0]) (\(latest[1]))", members)
    if members["beta_updates_enabled"] == false, channel == .beta {
      return .bad("\(text); beta updates are off", "Set UPDATE_BETA_ENABLED=true in the staging runtime's config.env.")
    }
    // Older servers tell of no channels; what they serve is seen in the feed.
    if let channels = members["channels"]?.object {
      let told = channels[channel.rawValue]?.object
      guard told?["version"]?.string == manifest.version.text, told?["build"]?.string == manifest.build.text else {
        return .bad(
          "\(text); \(channel.rawValue) \(told?["version"]?.string ?? "none")",
          "Let the update server read the folder that the manifests are written to (UPDATE_MANIFESTS_DIR).")
      }
      if answer.status == 503, isFirstRelease(members, told) {
        return .good(
          "503 only because nothing is released to stable yet; \(channel.rawValue) \(manifest.version) is in order")
      }
    }
    guard answer.status == 200, status == "healthy" else {
      return .bad(text, "Mend what it names, and validate again.")
    }
    guard latest.allSatisfy({ ReleaseVersion($0) != nil }) else {
      return .bad(text, "Its versions must be one to four numbers: write the manifest with `nexy release publish`.")
    }
    guard channel != .stable || latest == [manifest.version.text, manifest.build.text] else {
      return .bad(
        text, "Let the update server read the folder that the manifests are written to (UPDATE_MANIFESTS_DIR).")
    }
    return .good(text)
  }

  /// One reason, no stable release there and none here, and nothing wrong with what the channel has.
  private func isFirstRelease(_ members: [String: JSONValue], _ told: [String: JSONValue]?) -> Bool {
    stable == nil && channel != .stable && members["latest_version"] == .null
      && members["reasons"]?.array?.count == 1
      && !["wrong", "missing"].contains(told?["artifact"]?.string) && told?["signature"]?.string != "invalid"
  }

  private static func members(_ answer: WebAnswer) -> [String: JSONValue] {
    (try? JSONReader.document(answer.body).value.object) ?? [:]
  }

  /// What was seen, and the reasons that the server gives.
  private static func sentence(_ text: String, _ members: [String: JSONValue]) -> String {
    let reasons = members["reasons"]?.array?.compactMap(\.string) ?? []
    return reasons.isEmpty ? text : "\(text): \(reasons.joined(separator: " "))"
  }
}
