/// Every rule that a feed is held against: what comes of breaking it, and what to do.
///
/// The facts are Sparkle's (`SUAppcast.m`, `SUAppcastItem.m`, `SUAppcastDriver.m`, 2.6 to 2.9, and
/// <https://sparkle-project.org/documentation/publishing/>) and those of the released client, which reads the
/// attributes of the first item's enclosure and nothing else. A name never changes its meaning.
package enum FeedRule: String, Sendable, CaseIterable {
  // The whole feed
  case feedUnreadable = "feed-unreadable"
  case namespace
  case noItems = "no-items"
  case firstItem = "first-item"
  case versionRepeated = "version-repeated"
  case feedSignature = "feed-signature"
  case trailingContent = "trailing-content"
  case elementUnknown = "element-unknown"
  case elementRepeated = "element-repeated"
  // Versions
  case versionMissing = "version-missing"
  case versionFromName = "version-from-name"
  case versionAttribute = "version-attribute"
  case versionDisagrees = "version-disagrees"
  case versionAmbiguous = "version-ambiguous"
  case versionUnparsable = "version-unparsable"
  case shortVersion = "short-version"
  case shortVersionDisagrees = "short-version-disagrees"
  case versionBound = "version-bound"
  // The enclosure
  case enclosureMissing = "enclosure-missing"
  case enclosureNone = "enclosure-none"
  case enclosureAddress = "enclosure-url"
  case enclosureScheme = "enclosure-scheme"
  case enclosureInsecure = "enclosure-insecure"
  case enclosureCharacters = "enclosure-characters"
  case enclosureFeed = "enclosure-feed"
  case enclosureSuffix = "enclosure-suffix"
  case enclosureLength = "enclosure-length"
  case enclosureLengthMissing = "enclosure-length-missing"
  case enclosureLengthZero = "enclosure-length-zero"
  case enclosureType = "enclosure-type"
  case enclosureSystem = "enclosure-os"
  case enclosureDelta = "enclosure-delta"
  case installationType = "installation-type"
  case installationTypeSuffix = "installation-type-suffix"
  // Signatures
  case signatureMissing = "signature-missing"
  case signatureShape = "signature-shape"
  case signatureDSA = "signature-dsa"
  // Systems and hardware
  case systemElement = "system-element"
  case systemAttribute = "system-attribute"
  case systemDisagrees = "system-disagrees"
  case systemParts = "system-parts"
  case systemsCrossed = "systems-crossed"
  case hardwareUnknown = "hardware-unknown"
  // Channel, kind and time
  case channelName = "channel-name"
  case criticalVersion = "critical-version"
  case informationalLink = "informational-link"
  case informationalVersion = "informational-version"
  case rolloutInterval = "rollout-interval"
  case rolloutDate = "rollout-date"
  case publicationDate = "pub-date"
  // Notes
  case notesLink = "notes-link"
  case notesLanguage = "notes-language"
  case descriptionFormat = "description-format"
  case descriptionMarkdown = "description-markdown"
  case descriptionAddress = "description-url"
  // Deltas
  case deltaFrom = "delta-from"
  case deltaRepeated = "delta-repeated"
  case deltaUnreadable = "delta-unreadable"
  case deltaVersion = "delta-version"
  case deltaSignature = "delta-signature"
}

extension FeedRule {
  /// What comes of breaking it.
  package var effect: Finding.Effect { row.0 }

  /// What to do about it.
  package var remedy: String { row.1 }

  func finding(at place: String, _ message: String) -> Finding {
    Finding(effect, rawValue, at: place, message, remedy: remedy)
  }
}

extension FeedRule {
  private var row: (Finding.Effect, String) {
    switch self {
    case .feedUnreadable: (.rejected, "Mend the place that is named and publish the feed again.")
    case .namespace: (.misread, "Declare xmlns:sparkle=\"\(Feed.sparkleNamespace)\", exactly so.")
    case .noItems: (.ignored, "Put item elements, in no namespace, into rss/channel.")
    case .firstItem: (.misread, "Put the newest release of the default channel first.")
    case .versionRepeated: (.ignored, "Remove all but one, or give the later one a higher build.")
    case .feedSignature: (.rejected, "Sign the feed again, and serve it byte for byte.")
    case .trailingContent: (.ignored, "Remove what follows the end of the feed.")
    case .elementUnknown: (.ignored, "Correct the name, or move it to where a client looks for it.")
    case .elementRepeated: (.ignored, "Keep one of them.")
    case .versionMissing: (.rejected, "Add sparkle:version with the build, as an element and on the enclosure.")
    case .versionFromName: (.misread, "Add sparkle:version with the build, as an element and on the enclosure.")
    case .versionAttribute: (.ignored, "Add sparkle:version with the build to the enclosure.")
    case .versionDisagrees: (.misread, "Write the same build in both places.")
    case .versionAmbiguous: (.misread, "Use one to four numbers parted by dots.")
    case .versionUnparsable: (.ignored, "Use one to four numbers parted by dots.")
    case .shortVersion: (.misread, "Add sparkle:shortVersionString as an element and on the enclosure.")
    case .shortVersionDisagrees: (.misread, "Write the same version in both places.")
    case .versionBound: (.ignored, "Give a version that is not above the item's own, or remove the element.")
    case .enclosureMissing: (.rejected, "Add an enclosure, or a link for an item that only informs.")
    case .enclosureNone: (.misread, "Add an enclosure; without one the item only informs.")
    case .enclosureAddress: (.rejected, "Add the url of the download.")
    case .enclosureScheme: (.rejected, "Use an https url.")
    case .enclosureInsecure: (.rejected, "Use an https url with a host.")
    case .enclosureCharacters: (.misread, "Percent-encode the url.")
    case .enclosureFeed: (.rejected, "Give the url of the .dmg or .pkg, not of a feed.")
    case .enclosureSuffix: (.misread, "Publish a .dmg or a .pkg.")
    case .enclosureLength: (.rejected, "Write the download's size in bytes, exactly.")
    case .enclosureLengthMissing: (.misread, "Write the download's size in bytes, exactly.")
    case .enclosureLengthZero: (.ignored, "Write the download's size in bytes, exactly.")
    case .enclosureType: (.ignored, "Write type=\"application/octet-stream\".")
    case .enclosureSystem: (.ignored, "Write sparkle:os=\"macos\", or leave it out.")
    case .enclosureDelta: (.ignored, "Put the update from one build into sparkle:deltas.")
    case .installationType: (.rejected, "Write application or package, or leave it out.")
    case .installationTypeSuffix: (.misread, "Leave sparkle:installationType out for a .pkg.")
    case .signatureMissing: (.rejected, "Sign the download and add sparkle:edSignature to the enclosure.")
    case .signatureShape: (.rejected, "Sign the download again: it is base64 of 64 bytes.")
    case .signatureDSA: (.ignored, "Write the Ed25519 signature as sparkle:edSignature and remove this one.")
    case .systemElement: (.ignored, "Add sparkle:minimumSystemVersion as an element of the item too.")
    case .systemAttribute: (.ignored, "Add sparkle:minimumSystemVersion to the enclosure too.")
    case .systemDisagrees: (.misread, "Write the same system version in both places.")
    case .systemParts: (.misread, "Write three numbers, such as 12.0.0.")
    case .systemsCrossed: (.ignored, "Give a maximum that is not below the minimum.")
    case .hardwareUnknown: (.ignored, "Write arm64 as sparkle:hardwareRequirements of the item, or leave it out.")
    case .channelName: (.misread, "Use letters, digits and . _ - only; the default channel has no element.")
    case .criticalVersion: (.misread, "Write sparkle:version=\"X\" with a build, or no attribute at all.")
    case .informationalLink: (.ignored, "Add a link with an http or https address.")
    case .informationalVersion: (.misread, "Write the builds as sparkle:version or sparkle:belowVersion elements.")
    case .rolloutInterval: (.misread, "Write whole seconds above 0, such as 86400.")
    case .rolloutDate: (.ignored, "Write pubDate as `Sat, 26 Jul 2014 15:20:11 +0000`.")
    case .publicationDate: (.ignored, "Write pubDate as `Sat, 26 Jul 2014 15:20:11 +0000`.")
    case .notesLink: (.ignored, "Use an https address without blanks around it.")
    case .notesLanguage: (.misread, "Give each of them its own xml:lang.")
    case .descriptionFormat: (.misread, "Write sparkle:format as html, markdown or plain-text.")
    case .descriptionMarkdown: (.misread, "Require macOS 12.0.0, or write the notes in HTML.")
    case .descriptionAddress: (.misread, "Put the address into sparkle:releaseNotesLink.")
    case .deltaFrom: (.ignored, "Add sparkle:deltaFrom with the exact build that it starts from.")
    case .deltaRepeated: (.ignored, "Keep one update from each build.")
    case .deltaUnreadable: (.ignored, "Give it the https url and the length of the update.")
    case .deltaVersion: (.misread, "Write the item's own build, best as an element of the item.")
    case .deltaSignature: (.rejected, "Sign the update and add sparkle:edSignature to its enclosure.")
    }
  }
}
