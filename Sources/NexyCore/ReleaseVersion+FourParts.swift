extension ReleaseVersion {
  /// What `nexy version set` takes.
  package static let fourPartForm = "four numbers with dots between them and no leading zeros, such as 2.0.0.16"

  /// - Returns: nil unless it is exactly four numbers of one to nine digits, none with a leading zero.
  package init?(fourParts text: String) {
    let fields = text.split(separator: ".", omittingEmptySubsequences: false)
    guard fields.count == 4, fields.allSatisfy({ $0 == "0" || $0.first != "0" }) else { return nil }
    self.init(text)
  }
}
