/// For whom, how urgently and when an item is offered.
extension ItemLint {
  mutating func checkKind() {
    checkChannel()
    checkCritical()
    checkInformational()
    checkTime()
  }

  private mutating func checkChannel() {
    guard let channel = item.text("sparkle:channel") else { return }
    if channel.isEmpty {
      report(.channelName, "sparkle:channel", "It is empty, which puts the item on the default channel.")
    } else if !SparkleItem.isChannel(channel) || !channel.utf8.allSatisfy({ $0 < 0x80 }) {
      report(
        .channelName, "sparkle:channel",
        "\(FeedText.quoted(channel)) is no name, which puts the item on the default channel that every client reads.")
    }
  }

  private mutating func checkCritical() {
    guard let critical = item.element("sparkle:criticalUpdate") else { return }
    if critical.attributes["version"] != nil, critical.attributes["sparkle:version"] == nil {
      report(.criticalVersion, "sparkle:criticalUpdate", "Its version lacks the prefix sparkle: and does not count.")
    }
    if let bound = critical.attributes["sparkle:version"], PackagingVersion(bound) == nil {
      report(.criticalVersion, "sparkle:criticalUpdate", "\(FeedText.quoted(bound)) is not a build.")
    }
  }

  private mutating func checkInformational() {
    guard let element = item.element("sparkle:informationalUpdate") else { return }
    if item.text("link").map({ !$0.isEmpty && FeedAddress($0).isWeb }) != true {
      report(.informationalLink, "sparkle:informationalUpdate", "The item has no web link, so it is a usual update.")
    }
    let known = ["sparkle:version", "sparkle:belowVersion"]
    for child in element.children where !known.contains(child.writtenName) {
      report(
        .informationalVersion, "sparkle:informationalUpdate",
        "Sparkle does not read \(FeedText.quoted(child.writtenName)) in it.")
    }
  }

  private mutating func checkTime() {
    let date = item.publicationDate
    let interval = item.text("sparkle:phasedRolloutInterval")
    if let interval {
      let digits = interval.utf8
      if digits.isEmpty || digits.count > 9 || !digits.allSatisfy(DigitString.isDigit)
        || SparkleItem.leadingInteger(interval) == 0
      {
        report(
          .rolloutInterval, "sparkle:phasedRolloutInterval",
          "Sparkle reads \(FeedText.quoted(interval)) as \(SparkleItem.leadingInteger(interval)) seconds.")
      }
    }
    guard item.publishedAt == nil else { return }
    let read = date.map { "\(FeedText.quoted($0)) is no date that Sparkle reads" } ?? "There is no date"
    if interval == nil {
      report(.publicationDate, "pubDate", "\(read).")
    } else {
      report(.rolloutDate, "pubDate", "\(read), so every group is offered the item at once.")
    }
  }
}
