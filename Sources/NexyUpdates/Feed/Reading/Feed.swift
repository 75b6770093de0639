import NexyCore

/// An appcast as it is written: its items with everything in them, nothing yet decided.
package struct Feed: Sendable, Equatable {
  /// A declared namespace that looks like Sparkle's and is another one.
  package struct StrayNamespace: Sendable, Equatable {
    package var prefix: String
    package var address: String
    package var line: Int
  }

  /// The namespace of Sparkle's elements and attributes, matched exactly.
  package static let sparkleNamespace = "http://www.andymatuschak.org/xml-namespaces/sparkle"

  package var items: [FeedItem] = []
  package var strayNamespaces: [StrayNamespace] = []
  /// The publisher's signature over the feed, when it has one.
  package var trailer: FeedTrailer?
  /// Comments and processing instructions after the root element, the trailer among them.
  package var afterwords: [String] = []
}

/// One release of a feed.
package struct FeedItem: Sendable, Equatable {
  /// The line that its start tag ends on, counted from 1.
  package var line: Int
  /// Its child elements, in order.
  package var elements: [FeedElement]

  /// The element of a name; among several the English one or else the first, as an English client takes it.
  ///
  /// A name is `title` or `sparkle:version`, whatever prefix the feed uses for Sparkle's namespace.
  package func element(_ name: String) -> FeedElement? {
    let all = elements(name)
    return all.first { ($0.language ?? "en") == "en" } ?? all.first
  }

  package func elements(_ name: String) -> [FeedElement] { elements.filter { $0.name == name } }

  /// What an element says, without the blanks around it.
  package func text(_ name: String) -> String? { element(name).map { $0.text.trimmed } }

  /// The download.
  package var enclosure: FeedElement? { element("enclosure") }

  /// An attribute of the download.
  package func attribute(_ name: String) -> String? { enclosure?.attributes[name] }

  /// When it was published, as it is written.
  package var publicationDate: String? { element("pubDate")?.text }

  /// When it was published, in seconds since 1970, UTC; nil without a date that Sparkle can read.
  package var publishedAt: Int64? { publicationDate.flatMap(FeedDate.seconds) }

  /// Updates from one exact build, each an enclosure.
  package var deltas: [FeedElement] {
    element("sparkle:deltas")?.children.filter { $0.writtenName == "enclosure" } ?? []
  }
}

/// One element inside an item.
package struct FeedElement: Sendable, Equatable {
  /// Its name; Sparkle's begin with `sparkle:` whatever the feed's own prefix is.
  package var name: String
  /// Its name with the feed's own prefix.
  package var writtenName: String
  /// Its attributes under the same kind of names, declarations of namespaces left out.
  package var attributes: [String: String]
  /// The attributes that have Sparkle's usual prefix but another namespace: only Sparkle takes them.
  package var strayAttributes: Set<String>
  /// All text in it, that of its children included.
  package var text: String = ""
  package var children: [FeedElement] = []
  package var line: Int

  /// What language it is in, when it says so.
  package var language: String? { attributes["xml:lang"] }
}
