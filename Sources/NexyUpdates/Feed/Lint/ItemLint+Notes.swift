/// Release notes and the updates from one build to the next.
extension ItemLint {
  mutating func checkNotes() {
    for name in ["sparkle:releaseNotesLink", "sparkle:fullReleaseNotesLink"] {
      let links = item.elements(name)
      for link in links {
        // From 2.9 on Sparkle does not cut blanks off the link to the notes.
        let address = FeedAddress(link.text)
        guard address.scheme != "https" || address.host.isEmpty || !address.isPlain else { continue }
        report(.notesLink, name, "\(FeedText.quoted(link.text)) is no https address.")
      }
      checkLanguages(links, name)
    }
    for name in ["title", "description", "link"] { checkLanguages(item.elements(name), name) }
    checkDescription()
  }

  private mutating func checkLanguages(_ elements: [FeedElement], _ name: String) {
    guard elements.count > 1 else { return }
    if elements.contains(where: { ($0.language ?? "").isEmpty }) {
      report(.notesLanguage, name, "It stands \(elements.count) times, and one of them has no xml:lang.")
    } else if Set(elements.map(\.language)).count < elements.count {
      report(.notesLanguage, name, "It stands twice for one language; only the first one counts.")
    }
  }

  private mutating func checkDescription() {
    for description in item.elements("description") {
      let format = description.attributes["sparkle:format"]
      if let format, !["html", "markdown", "plain-text"].contains(format.lowercased()) {
        report(
          .descriptionFormat, "description", "Sparkle takes the unknown format \(FeedText.quoted(format)) for HTML.")
      } else if format == nil, let bare = description.attributes["format"] {
        report(
          .descriptionFormat, "description",
          "The format \(FeedText.quoted(bare)) lacks the prefix sparkle:, so the notes are taken for HTML.")
      }
      if format?.lowercased() == "markdown", let minimum = reading?.minimumSystem,
        SparkleVersion.compare(minimum, to: "12.0.0") == .older
      {
        report(.descriptionMarkdown, "description", "Before macOS 12 Markdown is shown as plain text.")
      }
      if item.element("sparkle:releaseNotesLink") == nil,
        ["http://", "https://"].contains(where: description.text.hasPrefix)
      {
        report(.descriptionAddress, "description", "It begins with an address, which Sparkle may open as the notes.")
      }
    }
  }

  mutating func checkDeltas() {
    var seen: Set<String> = []
    for (offset, delta) in item.deltas.enumerated() {
      let part = "sparkle:deltas, enclosure \(offset + 1)"
      guard let from = delta.attributes["sparkle:deltaFrom"] else {
        report(.deltaFrom, part, "It does not say which build it starts from.")
        continue
      }
      if !seen.insert(from).inserted {
        report(.deltaRepeated, part, "Another one starts from \(FeedText.quoted(from)) too; the last one counts.")
      }
      let address = FeedAddress(delta.attributes["url"] ?? "")
      if !address.isSecure || address.host.isEmpty || !address.isPlain {
        report(.deltaUnreadable, part, "\(FeedText.quoted(delta.attributes["url"] ?? "")) is no https address.")
      }
      if ReleasedItem.bytes(delta.attributes["length"] ?? "") ?? 0 == 0 {
        report(.deltaUnreadable, part, "It has no length in bytes.")
      }
      checkDeltaVersion(delta, from: from, part)
      if !SignatureShape.isSignature(delta.attributes["sparkle:edSignature"] ?? "") {
        report(.deltaSignature, part, "It has no sparkle:edSignature that is base64 of 64 bytes.")
      }
    }
  }

  private mutating func checkDeltaVersion(_ delta: FeedElement, from: String, _ part: String) {
    guard let reading else { return }
    guard let version = delta.attributes["sparkle:version"] ?? item.text("sparkle:version") else {
      report(.deltaVersion, part, "Neither it nor the item has a version for it, so Sparkle leaves it out.")
      return
    }
    if version != reading.version {
      report(
        .deltaVersion, part, "It leads to \(FeedText.quoted(version)), the item is \(FeedText.quoted(reading.version))."
      )
    }
    if SparkleVersion.compare(from, to: reading.version) != .older {
      report(.deltaVersion, part, "It starts from \(FeedText.quoted(from)), which is not below the item's own version.")
    }
  }
}
