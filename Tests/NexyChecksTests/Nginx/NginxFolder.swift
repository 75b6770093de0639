import NexyCore

@testable import NexyChecks

/// Files of a configuration that are on no disk.
struct NginxFolder: Sendable {
  let files: [String: String]

  /// One file, `/etc/nginx/nginx.conf`.
  init(_ text: String) { files = ["/etc/nginx/nginx.conf": text] }
  init(_ files: [String: String]) { self.files = files }

  var tree: [NginxDirective] {
    get throws { try NginxReader.tree("/etc/nginx/nginx.conf", from: source) }
  }

  private var source: NginxSource {
    NginxSource(
      read: { path, _ in
        guard let text = files[path] else { throw NexyError(.badNginxFile, "\(path) cannot be opened.") }
        return Array(text.utf8)
      },
      matches: { pattern in
        let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
        return files.keys.filter { $0.hasPrefix(parts[0]) && $0.hasSuffix(parts[1]) }.sorted()
      })
  }
}

extension [NginxDirective] {
  /// The tree on one line, quotation marks around what would be read otherwise.
  var told: String {
    map { directive in
      let words = ([directive.name] + directive.arguments).map { word in
        word.isEmpty || word.contains { " ;{}\t\n\"".contains($0) } ? "<\(word)>" : word
      }
      return words.joined(separator: " ") + (directive.block.map { " { \($0.told) }" } ?? ";")
    }.joined(separator: " ")
  }
}
