import NexyCore

/// A report as JUnit's XML, which every CI reads: a suite for the check, a case for each point.
///
/// The format is that of https://github.com/testmoapp/junitxml.
package enum JUnitReport {
  package static func text(_ report: CheckReport) -> String {
    var lines = [
      #"<?xml version="1.0" encoding="UTF-8"?>"#,
      "<testsuites>",
      "  <testsuite name=\(quoted("nexy check \(report.check)")) tests=\"\(report.results.count)\""
        + " failures=\"\(report.count(.failed))\" skipped=\"\(report.count(.skipped))\""
        + " time=\"\(seconds(report.duration))\">",
    ]
    for result in report.results {
      let family = result.point.id.prefix { $0 != "." }
      let opening =
        "    <testcase name=\(quoted(result.point.id)) classname=\(quoted("nexy.\(family)"))"
        + " time=\"\(seconds(result.latency ?? .zero))\""
      switch result.verdict {
      case .passed: lines.append("\(opening)/>")
      case .skipped: lines.append("\(opening)><skipped message=\(quoted(result.observed))/></testcase>")
      case .failed:
        let advice = "\(result.point.cause) See \(result.point.section.address)."
        lines.append(
          "\(opening)><failure message=\(quoted("\(result.point.title): \(result.observed)"))>"
            + "\(escaped("expected \(result.expected)\n\(advice)"))</failure></testcase>")
      }
    }
    return (lines + ["  </testsuite>", "</testsuites>", ""]).joined(separator: "\n")
  }

  private static func seconds(_ duration: Duration) -> String {
    let thousandths = duration.wholeMilliseconds
    return "\(thousandths / 1000).\(String(thousandths % 1000 + 1000).dropFirst())"
  }

  private static func quoted(_ text: String) -> String { "\"\(escaped(text))\"" }

  /// What XML 1.0 cannot hold at all (section 2.2) becomes U+FFFD.
  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "\n", "\t": escaped += scalar == "\n" ? "&#10;" : "&#9;"
      case "\u{0}"..<" ", "\u{FFFE}", "\u{FFFF}": escaped += "\u{FFFD}"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
