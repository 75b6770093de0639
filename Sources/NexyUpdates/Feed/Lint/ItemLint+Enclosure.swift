/// The download and its signature.
extension ItemLint {
  mutating func checkEnclosure() {
    guard let enclosure else {
      if item.text("link").map({ !$0.isEmpty && FeedAddress($0).isWeb }) == true {
        report(.enclosureNone, nil, "It has no enclosure: Sparkle shows its link, the released client finds nothing.")
      } else {
        report(.enclosureMissing, nil, "It has neither an enclosure nor a web link, so Sparkle rejects the whole feed.")
      }
      return
    }
    checkAddress(enclosure.attributes["url"])
    checkLength(enclosure.attributes["length"])
    checkAttributes(enclosure.attributes)
  }

  private mutating func checkAddress(_ text: String?) {
    let part = "enclosure, url"
    guard let text, !text.isEmpty else {
      report(.enclosureAddress, "enclosure", "It has no url, so nothing can be downloaded.")
      return
    }
    let address = FeedAddress(text)
    if !address.isWeb {
      report(
        .enclosureScheme, part, "\(FeedText.quoted(text)) is neither http nor https: Sparkle rejects the whole feed.")
      return
    }
    if !address.isSecure || address.host.isEmpty {
      report(
        .enclosureInsecure, part, "The released client fetches from https only, not from \(FeedText.quoted(text)).")
    }
    if !address.isPlain {
      report(.enclosureCharacters, part, "\(FeedText.quoted(text)) has characters that no url may have.")
    }
    switch address.suffix {
    case "dmg", "pkg": break
    case "zip": report(.enclosureSuffix, part, "The released client cannot install a .zip.")
    case "xml", "rss", "json":
      report(.enclosureFeed, part, "\(FeedText.quoted(text)) is a feed or a manifest, not a download.")
    default: report(.enclosureSuffix, part, "The released client takes \(FeedText.quoted(text)) for a package.")
    }
  }

  private mutating func checkLength(_ text: String?) {
    guard let text else {
      report(.enclosureLengthMissing, "enclosure", "It has no length, so no client can check the download's size.")
      return
    }
    switch ReleasedItem.bytes(text) {
    case nil: report(.enclosureLength, "enclosure, length", "\(FeedText.quoted(text)) is not a number of bytes.")
    case 0: report(.enclosureLengthZero, "enclosure, length", "It is 0, so the download's size is not checked.")
    default: break
    }
  }

  private mutating func checkAttributes(_ attributes: [String: String]) {
    let type = attributes["type"] ?? ""
    if !type.lowercased().hasPrefix("application/") {
      report(.enclosureType, "enclosure, type", "\(FeedText.quoted(type)) is not the type of a download.")
    }
    if let system = attributes["sparkle:os"], system != "macos" {
      report(.enclosureSystem, "enclosure, sparkle:os", "No Mac is offered what is for \(FeedText.quoted(system)).")
    }
    if attributes["sparkle:deltaFrom"] != nil {
      report(.enclosureDelta, "enclosure, sparkle:deltaFrom", "An item of its own must be a whole download.")
    }
    guard let installation = attributes["sparkle:installationType"] else { return }
    let part = "enclosure, sparkle:installationType"
    if !SparkleItem.installationTypes.contains(installation) {
      report(.installationType, part, "\(FeedText.quoted(installation)) is unknown: Sparkle rejects the whole feed.")
    } else if installation == "application", attributes["url"].map({ FeedAddress($0).suffix }) == "pkg" {
      report(.installationTypeSuffix, part, "A .pkg is not an application.")
    }
  }

  mutating func checkSignatures() {
    guard let enclosure else { return }
    if enclosure.attributes["sparkle:dsaSignature"] != nil {
      report(.signatureDSA, "enclosure, sparkle:dsaSignature", "Sparkle 2 looks for sparkle:edSignature.")
    }
    guard let signature = enclosure.attributes["sparkle:edSignature"] else {
      report(.signatureMissing, "enclosure", "It has no sparkle:edSignature, so Sparkle installs nothing.")
      return
    }
    if !SignatureShape.isSignature(signature) {
      report(
        .signatureShape, "enclosure, sparkle:edSignature", "\(FeedText.quoted(signature)) is not base64 of 64 bytes.")
    }
  }
}
