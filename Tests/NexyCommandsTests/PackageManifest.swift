/// The targets of Package.swift, read as text.
struct PackageManifest {
  struct Target {
    let name: String
    let isTest: Bool
    /// Rooms it depends on; products of other packages are left out.
    let rooms: Set<String>
  }

  let targets: [Target]

  init(_ text: String) {
    targets = text.matches(of: #/\.(executableTarget|target|testTarget)\(\s*name:\s*"([\w-]+)"/#).map { match in
      let arguments = Self.balanced(text[match.range.lowerBound...])
      let list = arguments.firstMatch(of: #/dependencies:\s*\[([^\]]*)\]/#).map { String($0.1) } ?? ""
      let rooms = list.matches(of: #/"(\w+)"/#).map { String($0.1) }
      return Target(name: String(match.2), isTest: match.1 == "testTarget", rooms: Set(rooms))
    }
  }

  /// A call up to the parenthesis that ends it.
  private static func balanced(_ text: Substring) -> Substring {
    var depth = 0
    for index in text.indices {
      if text[index] == "(" { depth += 1 }
      if text[index] == ")" {
        depth -= 1
        if depth == 0 { return text[...index] }
      }
    }
    return text
  }
}
