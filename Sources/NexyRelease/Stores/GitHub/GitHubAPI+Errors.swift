import NexyCore

extension GitHubAPI {
  static let tokenRemedy = "Set GITHUB_TOKEN to a valid one, or run gh auth login."
  var rightRemedy: String { "Use a token with the right to write the contents of \(repository)." }

  func unreachable(_ reason: String) -> NexyError {
    NexyError(
      .storeUnreachable,
      """
      \(base.host) did not do what it was asked, tried \(patience.retries + 1) times: \(reason). Check the network \
      and https://www.githubstatus.com, then run the command again.
      """)
  }

  /// The error of an answer that says no.
  /// - Parameter what: What GitHub refused to do, such as "list the files of Update".
  func refusal(_ answer: GitHubAnswer, _ verdict: GitHubVerdict, to what: String) -> NexyError {
    let words = answer.fault.words
    let said = words.isEmpty ? "\(answer.status)" : "\(answer.status): \(words)"
    let remedy =
      switch verdict {
      case .refused(.token): Self.tokenRemedy
      case .refused(.right): rightRemedy
      case .refused(.moved): "The repository seems to have another name now: set RELEASE_REPOSITORY to it."
      case .missing: "\(rightRemedy) Check RELEASE_REPOSITORY."
      case .nameTaken: "Look at the files of the release, and take away what nobody needs."
      default: "See what GitHub says."
      }
    return NexyError(.storeRefused, "GitHub refused to \(what) (\(said)). \(remedy)")
  }

  func tagMissing(_ tag: String, _ what: String) -> NexyError {
    NexyError(.tagMissing, "\(what) \(tagRemedy(tag))")
  }

  func tagRemedy(_ tag: String) -> String {
    "Releases are made by hand here: gh release create \(tag) --repo \(repository) --title \(tag) --notes \"\"."
  }
}
