import Foundation
import NexyCore

#if canImport(FoundationXML)
import FoundationXML
#endif

/// Builds a feed from what an XML parser reports; used for one feed and thrown away.
final class FeedBuilder: NSObject, XMLParserDelegate {
  private(set) var feed = Feed()
  /// Why the reading was stopped.
  private(set) var failure: NexyError?
  /// Whether the root element has ended.
  private(set) var hasEnded = false

  private let limits: FeedReader.Limits
  private var namespaces = FeedNamespaces()
  /// The names of the open elements outside items; nil for one that lies in a namespace.
  private var path: [String?] = []
  /// The open elements from an item on, the item itself first.
  private var open: [FeedElement] = []
  private var elementCount = 0

  init(limits: FeedReader.Limits) { self.limits = limits }

  func parser(
    _ parser: XMLParser, didStartElement elementName: String, namespaceURI: String?, qualifiedName qName: String?,
    attributes attributeDict: [String: String]
  ) {
    do throws(NexyError) {
      let line = parser.lineNumber
      feed.strayNamespaces += namespaces.enter(attributeDict, line: line)
      guard namespaces.count <= limits.namespaces else { throw refusal(line, "namespaces", limits.namespaces) }
      guard path.count + open.count < limits.depth else { throw refusal(line, "nested elements", limits.depth) }
      if !open.isEmpty || isItem(elementName) {
        try openElement(elementName, attributeDict, line: line)
      } else {
        path.append(namespaces.isPlain(elementName) ? elementName : nil)
      }
    } catch {
      fail(parser, with: error)
    }
  }

  func parser(
    _ parser: XMLParser, didEndElement elementName: String, namespaceURI: String?, qualifiedName qName: String?
  ) {
    namespaces.leave()
    guard let element = open.popLast() else {
      _ = path.popLast()
      hasEnded = path.isEmpty
      return
    }
    if open.isEmpty {
      feed.items.append(FeedItem(line: element.line, elements: element.children))
    } else {
      open[open.count - 1].text += element.text
      open[open.count - 1].children.append(element)
    }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    guard !open.isEmpty else { return }
    open[open.count - 1].text += string
  }

  func parser(_ parser: XMLParser, foundCDATA CDATABlock: Data) {
    guard !open.isEmpty else { return }
    open[open.count - 1].text += String(decoding: CDATABlock, as: UTF8.self)
  }

  func parser(_ parser: XMLParser, foundComment comment: String) {
    if hasEnded { feed.afterwords.append(comment) }
  }

  func parser(_ parser: XMLParser, foundProcessingInstructionWithTarget target: String, data: String?) {
    if hasEnded { feed.afterwords.append(target) }
  }

  /// Sparkle looks for `/rss/channel/item`, none of them in a namespace.
  private func isItem(_ name: String) -> Bool {
    path == ["rss", "channel"] && name == "item" && namespaces.isPlain(name)
  }

  private func openElement(_ name: String, _ attributes: [String: String], line: Int) throws(NexyError) {
    elementCount += 1
    guard elementCount <= limits.elements else { throw refusal(line, "elements", limits.elements) }
    guard feed.items.count < limits.items else { throw refusal(line, "items", limits.items) }
    guard let resolved = namespaces.resolve(name, isAttribute: false) else { throw unbound(line) }
    var element = FeedElement(
      name: resolved.name, writtenName: name, attributes: [:], strayAttributes: [], line: line)
    for (written, value) in attributes where !FeedNamespaces.isDeclaration(written) {
      guard let attribute = namespaces.resolve(written, isAttribute: true) else { throw unbound(line) }
      if attribute.isStray {
        // One in Sparkle's own namespace wins.
        if element.attributes[attribute.name] == nil { element.strayAttributes.insert(attribute.name) }
        if element.strayAttributes.contains(attribute.name) { element.attributes[attribute.name] = value }
      } else {
        if element.attributes[attribute.name] != nil, !element.strayAttributes.contains(attribute.name) {
          throw .feedUnreadable(line: line, "has an attribute twice", "Remove one of the two.")
        }
        element.strayAttributes.remove(attribute.name)
        element.attributes[attribute.name] = value
      }
    }
    open.append(element)
  }

  private func refusal(_ line: Int, _ what: String, _ limit: Int) -> NexyError {
    .feedUnreadable(line: line, "has more than \(limit) \(what)", "Drop what no client needs.")
  }

  private func unbound(_ line: Int) -> NexyError {
    .feedUnreadable(
      line: line, "uses a prefix without a namespace",
      "Declare xmlns:sparkle=\"\(Feed.sparkleNamespace)\" on the rss element.")
  }

  private func fail(_ parser: XMLParser, with error: NexyError) {
    if failure == nil { failure = error }
    parser.abortParsing()
  }
}
