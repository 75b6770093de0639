import NexyCore
import NexyUpdates

extension GitHubStore {
  package func problems(tags: [String]) async throws -> [Finding] {
    let (answer, verdict) = try await api.send(GitHubAPI.Call(path: ""))
    if let finding = repositoryFinding(answer, verdict) { return [finding] }
    guard verdict == .success else { throw api.refusal(answer, verdict, to: "show \(api.repository)") }
    var findings = stateFindings(try answer.decode())
    if try await areReleasesFrozen() {
      findings.append(
        Finding(
          .rejected, "store-immutable-releases", at: api.repository,
          "its settings make releases immutable, so that no file could be replaced.",
          remedy: "Switch off \"Enable release immutability\" in the repository's or the organization's settings."))
    }
    var releases: [(tag: String, release: GitHubRelease?)] = []
    for tag in tags { releases.append((tag, try await releaseOrNil(tag))) }
    let drafts = releases.contains { $0.release == nil } ? try await draftTags() : []
    findings += releases.flatMap { tagFindings($0.tag, $0.release, drafts: drafts) }
    return findings
  }

  /// What keeps everything else from being asked.
  private func repositoryFinding(_ answer: GitHubAnswer, _ verdict: GitHubVerdict) -> Finding? {
    let words = answer.fault.words
    let said = words.isEmpty ? "\(answer.status)" : "\(answer.status): \(words)"
    return switch verdict {
    case .refused(.token):
      Finding(
        .rejected, "store-token", at: api.repository, "GitHub refuses the token (\(said)).",
        remedy: GitHubAPI.tokenRemedy)
    case .refused(.right):
      Finding(
        .rejected, "store-right", at: api.repository, "the token may not see it (\(said)).", remedy: api.rightRemedy)
    case .refused(.moved):
      Finding(
        .rejected, "store-repository", at: api.repository, "it has another name now (\(said)).",
        remedy: "Set RELEASE_REPOSITORY to its new name.")
    case .missing:
      Finding(
        .rejected, "store-repository", at: api.repository, "there is none, or the token may not see it (\(said)).",
        remedy: "Check RELEASE_REPOSITORY. \(api.rightRemedy)")
    default: nil
    }
  }

  private func stateFindings(_ repository: GitHubRepository) -> [Finding] {
    var findings: [Finding] = []
    if repository.archived == true {
      findings.append(
        Finding(
          .rejected, "store-archived", at: api.repository, "it is archived, so that nobody can write to it.",
          remedy: "Unarchive it in its settings, or set RELEASE_REPOSITORY to another one."))
    }
    if repository.permissions?.push == false {
      findings.append(
        Finding(
          .rejected, "store-right", at: api.repository, "the token may only read it.",
          remedy: "\(api.rightRemedy) \(GitHubAPI.tokenRemedy)"))
    }
    return findings
  }

  /// 404 says that they are not (https://docs.github.com/en/rest/repos/repos#check-if-immutable-releases-are-enabled-for-a-repository);
  /// who is no administrator may not ask.
  private func areReleasesFrozen() async throws -> Bool {
    let (answer, verdict) = try await api.send(GitHubAPI.Call(path: "/immutable-releases"))
    guard verdict == .success else { return false }
    return try answer.decode(GitHubImmutability.self).enabled
  }

  private func tagFindings(_ tag: String, _ release: GitHubRelease?, drafts: Set<String>) -> [Finding] {
    guard let release else {
      return drafts.contains(tag)
        ? [draft(tag)]
        : [
          Finding(
            .rejected, "store-tag", at: tag, "\(api.repository) has no release of this tag.",
            remedy: api.tagRemedy(tag))
        ]
    }
    var findings: [Finding] = []
    if release.draft == true { findings.append(draft(tag)) }
    if release.immutable == true {
      findings.append(
        Finding(
          .rejected, "store-immutable", at: tag, "this release is immutable: no file of it can be replaced.",
          remedy: "Switch immutable releases off, delete the release, and make it anew. \(api.tagRemedy(tag))"))
    }
    return findings
  }

  private func draft(_ tag: String) -> Finding {
    Finding(
      .rejected, "store-draft", at: tag, "its release is a draft: nobody could download from it.",
      remedy: "Publish it: gh release edit \(tag) --repo \(api.repository) --draft=false.")
  }

  private func releaseOrNil(_ tag: String) async throws -> GitHubRelease? {
    do {
      return try await release(tag)
    } catch let error as NexyError {
      guard error.code == .tagMissing else { throw error }
      return nil
    }
  }

  /// Drafts are only listed, and found by no tag; they stand first, so that one page is enough.
  private func draftTags() async throws -> Set<String> {
    guard let answer = try await api.get("/releases?per_page=100", to: "list the releases") else { return [] }
    let releases: [GitHubRelease] = try answer.decode()
    return Set(releases.filter { $0.draft == true }.map(\.tagName))
  }
}
