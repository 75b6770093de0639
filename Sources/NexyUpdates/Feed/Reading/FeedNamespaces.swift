/// The XML namespaces that are declared where a parser stands.
struct FeedNamespaces {
  /// A name as Sparkle knows it.
  struct Resolved {
    var name: String
    /// It has the prefix `sparkle` but another namespace.
    var isStray: Bool
  }

  private var declared: [(prefix: String, address: String)] = []
  /// How many were declared before each open element.
  private var marks: [Int] = []
  /// How many declarations were seen in all.
  private(set) var count = 0

  static func isDeclaration(_ attribute: String) -> Bool { attribute == "xmlns" || attribute.hasPrefix("xmlns:") }

  /// Takes an element's declarations in.
  /// - Returns: those that look like Sparkle's namespace and are another one.
  mutating func enter(_ attributes: [String: String], line: Int) -> [Feed.StrayNamespace] {
    marks.append(declared.count)
    var strays: [Feed.StrayNamespace] = []
    for (name, address) in attributes.sorted(by: { $0.key < $1.key }) where Self.isDeclaration(name) {
      let prefix = name == "xmlns" ? "" : String(name.dropFirst("xmlns:".count))
      declared.append((prefix, address))
      count += 1
      let looksAlike = prefix == "sparkle" || address.lowercased().contains("sparkle")
      if looksAlike, address != Feed.sparkleNamespace {
        strays.append(.init(prefix: prefix, address: address, line: line))
      }
    }
    return strays
  }

  mutating func leave() {
    guard let mark = marks.popLast() else { return }
    declared.removeSubrange(mark...)
  }

  /// Whether an element of this name lies in no namespace.
  func isPlain(_ name: String) -> Bool { !name.utf8.contains(UInt8(ascii: ":")) && (address(of: "") ?? "").isEmpty }

  /// - Returns: nil when the prefix was not declared.
  func resolve(_ written: String, isAttribute: Bool) -> Resolved? {
    guard let colon = written.utf8.firstIndex(of: UInt8(ascii: ":")) else {
      let isSparkles = !isAttribute && address(of: "") == Feed.sparkleNamespace
      return Resolved(name: isSparkles ? "sparkle:\(written)" : written, isStray: false)
    }
    let prefix = String(written[..<colon])
    if prefix == "xml" { return Resolved(name: written, isStray: false) }
    guard let address = address(of: prefix) else { return nil }
    guard address == Feed.sparkleNamespace else { return Resolved(name: written, isStray: prefix == "sparkle") }
    return Resolved(name: "sparkle:\(written[written.utf8.index(after: colon)...])", isStray: false)
  }

  private func address(of prefix: String) -> String? { declared.last { $0.prefix == prefix }?.address }
}
