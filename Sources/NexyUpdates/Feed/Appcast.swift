import NexyCore

/// The feed of one release, as Sparkle and the released client both read it.
///
/// Sparkle wants versions and systems as elements, the released client reads them from the enclosure alone, so they
/// stand in both places: https://sparkle-project.org/documentation/publishing/
package enum Appcast {
  /// XML of one item; the same bytes for the same manifest.
  package static func bytes(for manifest: Manifest) -> [UInt8] {
    var lines = [
      #"<?xml version="1.0" encoding="utf-8"?>"#,
      #"<rss version="2.0" xmlns:sparkle="http://www.andymatuschak.org/xml-namespaces/sparkle">"#,
      "  <channel>",
      "    <title>Nexy Updates</title>",
      "    <description>Updates for Nexy AI Assistant</description>",
      "    <language>en</language>",
      "    <item>",
    ]
    lines += elements(of: manifest).map { "      \($0)" }
    lines += ["    </item>", "  </channel>", "</rss>", ""]
    return Array(lines.joined(separator: "\n").utf8)
  }

  private static func elements(of manifest: Manifest) -> [String] {
    var elements = [
      element("title", "Version \(manifest.version)"),
      description(of: manifest),
      element("pubDate", date(manifest.releaseDate)),
      element("sparkle:version", manifest.build.text),
      element("sparkle:shortVersionString", manifest.version.text),
    ]
    if let system = manifest.artifact.minimumSystem {
      elements.append(element("sparkle:minimumSystemVersion", threeParts(of: system)))
    }
    if let channel = manifest.feedChannel { elements.append(element("sparkle:channel", channel)) }
    if let hardware = manifest.hardwareRequirements ?? (manifest.artifact.architecture == "arm64" ? "arm64" : nil) {
      elements.append(element("sparkle:hardwareRequirements", hardware))
    }
    if manifest.isCritical {
      let below = manifest.criticalBelow.map { attribute("sparkle:version", $0.text) } ?? ""
      elements.append("<sparkle:criticalUpdate\(below)/>")
    }
    if let interval = manifest.rolloutInterval {
      elements.append(element("sparkle:phasedRolloutInterval", "\(interval)"))
    }
    if let notes = manifest.notesURL, manifest.notes == nil, notes != manifest.artifact.url {
      elements.append(element("sparkle:releaseNotesLink", notes))
    }
    return elements + [enclosure(of: manifest)]
  }

  /// Notes in Markdown are shown by Sparkle 2.9 on macOS 12 and later; others show them as they are written.
  private static func description(of manifest: Manifest) -> String {
    guard let notes = manifest.notes else { return element("description", "Update to version \(manifest.version)") }
    return #"<description sparkle:format="markdown">\#(Markup.escaped(notes))</description>"#
  }

  private static func enclosure(of manifest: Manifest) -> String {
    let artifact = manifest.artifact
    var attributes = [
      ("url", artifact.url), ("length", "\(artifact.size)"), ("type", "application/octet-stream"),
      ("sparkle:version", manifest.build.text), ("sparkle:shortVersionString", manifest.version.text),
    ]
    if let system = artifact.minimumSystem {
      attributes.append(("sparkle:minimumSystemVersion", threeParts(of: system)))
    }
    if let signature = artifact.signature { attributes.append(("sparkle:edSignature", signature)) }
    return "<enclosure\(attributes.map(attribute).joined())/>"
  }

  /// As RFC 822 has it, with four digits of the year: `Wed, 25 Feb 2026 00:00:00 +0000`.
  private static func date(_ seconds: Int64) -> String { HTTPDate.text(seconds).dropLast("GMT".count) + "+0000" }

  /// Sparkle wants three parts: `11.0` is written `11.0.0`.
  private static func threeParts(of version: ReleaseVersion) -> String {
    let parts = version.text.split(separator: ".").map(String.init)
    return (parts + Array(repeating: "0", count: max(0, 3 - parts.count))).joined(separator: ".")
  }

  private static func element(_ name: String, _ text: String) -> String {
    "<\(name)>\(Markup.escaped(text))</\(name)>"
  }

  private static func attribute(_ name: String, _ value: String) -> String {
    " \(name)=\"\(Markup.escaped(value))\""
  }
}
