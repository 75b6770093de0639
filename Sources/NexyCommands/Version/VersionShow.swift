import ArgumentParser
import NexyCore
import NexyRelease

/// `nexy version show`: both versions, and what is published.
struct VersionShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Tells both versions, where they stand, and what is published.")

  @OptionGroup var options: VersionOptions

  func run() throws {
    let writer = try options.writer()
    let survey = writer.survey()
    let unfinished = VersionReport.unfinished(writer)
    if options.json { return try Terminal.json(VersionShowDocument(survey, options.axes, unfinished)) }
    for axis in options.axes { Terminal.print(VersionReport.line(survey, axis).printable) }
  }
}

/// The versions as JSON.
private struct VersionShowDocument: Encodable {
  struct Axis: Encodable {
    let version: String?
    let place: String?
    let published: [String: String]
  }

  let server: Axis?
  let client: Axis?
  let unfinished: String?

  init(_ survey: VersionSurvey, _ axes: [VersionAxis], _ unfinished: String?) {
    func told(_ axis: VersionAxis) -> Axis? {
      guard axes.contains(axis) else { return nil }
      let declared = survey.declared(axis)
      let published = survey.published(axis).map { ($0.channel, $0.version.text) }
      return Axis(
        version: declared?.text, place: declared?.label,
        published: Dictionary(published) { first, _ in first })
    }
    (server, client) = (told(.server), told(.client))
    self.unfinished = unfinished
  }
}
