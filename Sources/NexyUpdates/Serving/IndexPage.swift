import NexyCore

/// The page for people: releases by channel, and files; plain headings and tables that a screen reader can walk.
struct IndexPage {
  let report: UpdateReport
  /// Where clients find a file.
  let address: (String) -> String

  var text: String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Nexy updates</title>
    <style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
    table{border-collapse:collapse}th,td{text-align:left;padding:.3rem 1rem .3rem 0;vertical-align:top}\
    code{overflow-wrap:anywhere}</style>
    </head>
    <body>
    <main>
    <h1>Nexy updates</h1>
    <p>\(report.isHealthy ? "All releases are in order." : "Something is wrong with the releases: see <a href=\"/updates/health\">health</a>.")</p>
    <h2>Releases</h2>
    \(releases)
    <h2>Files</h2>
    \(files)
    </main>
    </body>
    </html>

    """
  }

  private var releases: String {
    let channels = Channel.allCases.compactMap { channel in report.channels[channel].map { (channel, $0.manifest) } }
    guard !channels.isEmpty else { return "<p>Nothing is released yet.</p>" }
    let rows = channels.map { channel, manifest in
      let artifact = manifest.artifact
      return row(
        channel == .stable ? "Stable" : "Beta",
        [
          Markup.escaped(manifest.version.text), size(artifact.size), link(artifact.url, artifact.decodedFileName),
          "<code>\(Markup.escaped(artifact.sha256))</code>",
          link("/updates/\(channel.feedName)", "Feed of the \(channel.rawValue) channel"),
        ])
    }
    return table(
      "The newest release of each channel", ["Channel", "Version", "Size", "Download", "SHA-256", "Feed"], rows)
  }

  private var files: String {
    guard !report.artifacts.isEmpty else { return "<p>There are no files to download here.</p>" }
    let rows = report.artifacts.map { file in
      row(
        link(address(file.name), file.name), isMarkup: true,
        [size(file.size), file.checksum.map { "<code>\($0)</code>" } ?? "being worked out"])
    }
    return table("Files to download", ["File", "Size", "SHA-256"], rows)
  }

  private func table(_ caption: String, _ heads: [String], _ rows: [String]) -> String {
    let head = heads.map { "<th scope=\"col\">\($0)</th>" }.joined()
    return "<table>\n<caption>\(caption)</caption>\n<thead><tr>\(head)</tr></thead>\n<tbody>\n"
      + rows.joined(separator: "\n") + "\n</tbody>\n</table>"
  }

  private func row(_ head: String, isMarkup: Bool = false, _ cells: [String]) -> String {
    "<tr><th scope=\"row\">\(isMarkup ? head : Markup.escaped(head))</th>\(cells.map { "<td>\($0)</td>" }.joined())</tr>"
  }

  private func link(_ address: String, _ text: String) -> String {
    "<a href=\"\(Markup.escaped(address))\">\(Markup.escaped(text))</a>"
  }

  /// As macOS counts: 276.3 MB is 276,300,000 bytes.
  private func size(_ bytes: Int64) -> String {
    guard bytes >= 1000 else { return "\(bytes) bytes" }
    let units = ["kB", "MB", "GB", "TB"]
    var value = Double(bytes) / 1000
    var unit = 0
    while value >= 1000, unit < units.count - 1 {
      value /= 1000
      unit += 1
    }
    return "\((value * 10).rounded() / 10) \(units[unit])"
  }
}
