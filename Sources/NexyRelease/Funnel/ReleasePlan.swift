import NexyCore
import NexyUpdates

/// A release before it moves: everything is decided, and everything that is to be done follows from it.
package struct ReleasePlan: Sendable, Codable, Equatable {
  /// What brings a release to a channel.
  package enum Kind: String, Sendable, Codable {
    case publish
    case promote
    case rollback
  }

  /// Where a file's bytes come from.
  package enum Origin: Sendable, Codable, Equatable {
    /// A local file.
    case file(String)
    /// A file on a shelf.
    case shelf(tag: String, name: String)
    /// The bytes that were kept.
    case kept
  }

  /// A file, and where it goes.
  package struct Item: Sendable, Codable, Equatable {
    package let file: ReleaseFile
    package let origin: Origin
    package let tag: String
    /// The name that the feed gives clients; nil where the fixed name is all there is.
    package let contentName: String?
  }

  package let kind: Kind
  package let channel: String
  package let version: String
  package let build: String
  package let items: [Item]
  /// The manifest's text, as it will be written.
  package let manifest: String
  /// What an operator's word overruled, and the word.
  package let override: Override?
  /// Whether the feed that stands names a fixed name, as the predecessor's did.
  package let replacesFedName: Bool
  /// What the channel had before: clients may still hold a feed of it.
  package let previous: Previous?

  package struct Previous: Sendable, Codable, Equatable {
    package let version: String
    /// Where the feed had its artifact.
    package let address: String
    package let files: [ReleaseFile]

    init(_ manifest: Manifest) {
      version = manifest.version.text
      address = manifest.artifact.url
      files = manifest.releaseFiles
    }
  }

  package struct Override: Sendable, Codable, Equatable {
    package let reason: String
    package let rules: [String]
  }

  package var target: Channel { Channel(rawValue: channel) ?? .beta }

  /// Whether two plans come to the same release; when they were made does not count.
  package func isSame(as other: Self) -> Bool {
    kind == other.kind && channel == other.channel && version == other.version && build == other.build
      && items.map(\.file.sha256) == other.items.map(\.file.sha256)
      && items.map(\.contentName) == other.items.map(\.contentName) && undatedManifest == other.undatedManifest
  }

  /// What the manifest says beside the moment of the release.
  private var undatedManifest: [String: JSONValue]? {
    var members = try? JSONReader.document(Array(manifest.utf8)).value.object
    members?["release_date"] = nil
    return members
  }

  /// What is done, in this order. No feed changes before `manifest`, and what it names is there before it.
  package var steps: [FunnelStep] {
    let indices = items.indices
    let before: [FunnelStep] =
      indices.map(FunnelStep.keep) + [.announce]
      + indices.filter { items[$0].contentName != nil }.flatMap { [.upload($0, .content), .verify($0, .content)] }
      + indices.flatMap { [.upload($0, .fixed), .verify($0, .fixed)] }
    // What the feed will name is looked at while all can still be undone.
    let checks = indices.filter { items[$0].contentName != nil }.map { FunnelStep.check($0, .content) }
    let swaps = indices.map(FunnelStep.swap) + indices.map { .check($0, .fixed) }
    guard replacesFedName, !checks.isEmpty else {
      return before + checks + swaps + [.manifest, .feed, .record, .clear]
    }
    // The feed that stands names a fixed name: its bytes change only when nobody can hold that feed any more.
    return before + checks + [.manifest, .feed, .wait] + swaps + [.record, .clear]
  }

  /// The first step that is seen from outside; until it, a release is undone without a trace.
  package var firstSwap: Int {
    steps.firstIndex { step in
      switch step {
      case .swap, .manifest: true
      default: false
      }
    } ?? steps.count
  }
}

/// One step of a release; each may be done again.
package enum FunnelStep: Sendable, Equatable {
  /// Which of a file's two names on a shelf.
  package enum Name: Sendable, Equatable {
    case content
    case fixed
  }

  /// The bytes are kept here, so that they cannot change under way and can be had back.
  case keep(Int)
  /// The update server is told whose the files will be.
  case announce
  case upload(Int, Name)
  /// What the shelf has is read back.
  case verify(Int, Name)
  /// The fixed name gets the new bytes.
  case swap(Int)
  /// What clients would download is downloaded.
  case check(Int, Name)
  /// The feed is looked at.
  case feed
  /// Feeds that clients hold grow too old to be used.
  case wait
  case manifest
  /// The history learns of the release.
  case record
  /// What nobody needs any more goes.
  case clear
}

extension ReleasePlan {
  /// A step in words.
  package func words(_ step: FunnelStep) -> String {
    switch step {
    case .keep(let index): "keep \(items[index].file.role.fileName)"
    case .announce: "announce \(version) to the update server"
    case .upload(let index, let name): "upload \(shelfName(index, name)) to \(items[index].tag)"
    case .verify(let index, let name): "read back \(shelfName(index, name)) of \(items[index].tag)"
    case .swap(let index): "swap \(items[index].file.role.fileName) of \(items[index].tag)"
    case .check(let index, .content): "download \(shelfName(index, .content)) of \(items[index].tag) as clients do"
    case .check(let index, .fixed): "download \(items[index].file.role.fileName) of \(items[index].tag) as clients do"
    case .feed: "look at \(target.feedName) as clients do"
    case .wait: "wait until the old feed is forgotten"
    case .manifest: "write \(target.manifestName)"
    case .record: "record \(version) in the history"
    case .clear: "clear away what is old"
    }
  }

  /// What a file is called when it is uploaded.
  package func shelfName(_ index: Int, _ name: FunnelStep.Name) -> String {
    let item = items[index]
    return name == .content ? item.contentName ?? item.file.role.fileName : item.file.incomingName
  }
}
