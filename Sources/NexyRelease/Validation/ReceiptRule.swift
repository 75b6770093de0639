import NexyCore
import NexyUpdates

/// Whether a receipt lets a release go on.
package enum ReceiptRule {
  /// How far the clock of the machine that validated may be ahead.
  private static let clockDifference = Duration.seconds(300)

  /// Why it does not; nil when it does.
  /// - Parameters:
  ///   - manifest: what is to go on, with `files` beside its artifact.
  ///   - now: milliseconds since 1970.
  ///   - hours: how long a validation counts, from its end.
  package static func refusal(
    _ reading: ReceiptReading, channel: Channel, manifest: Manifest, files: [ReleaseFile], now: Int64, hours: Int
  ) -> Finding? {
    switch reading {
    case .missing: finding("receipt-missing", "\(name(channel, manifest)) was not validated.", validate)
    case .unreadable(let reason): finding("receipt-unreadable", "The receipt cannot be read: \(reason)", validate)
    case .found(let receipt):
      difference(receipt, channel, manifest, files) ?? failure(receipt) ?? age(receipt, now: now, hours: hours)
    }
  }

  private static let validate = "Run `nexy release validate --channel beta`."

  private static func difference(
    _ receipt: ValidationReceipt, _ channel: Channel, _ manifest: Manifest, _ files: [ReleaseFile]
  ) -> Finding? {
    let wanted = ValidationReceipt.files(of: manifest, beside: files)
    let hasFiles =
      receipt.files.count == wanted.count
      && zip(receipt.files, wanted).allSatisfy { $0.hasBytes(of: $1) && $0.signature == $1.signature }
    let agreements = [
      ("channel", receipt.channel == channel.rawValue), ("version", receipt.version == manifest.version.text),
      ("build", receipt.build == manifest.build.text), ("files", hasFiles),
      ("address", receipt.artifactURL == manifest.artifact.url),
      ("manifest", receipt.manifestSHA256 == ValidationReceipt.checksum(of: manifest)),
    ]
    guard let (what, _) = agreements.first(where: { !$0.1 }) else { return nil }
    return finding(
      "receipt-other", "The receipt is of another release than \(name(channel, manifest)): its \(what) differs.",
      validate)
  }

  private static func failure(_ receipt: ValidationReceipt) -> Finding? {
    let failed = receipt.checks.filter { !$0.passed }
    guard !receipt.passed || !failed.isEmpty || receipt.checks.isEmpty else { return nil }
    let names = failed.isEmpty ? "it names no check" : failed.map(\.name).joined(separator: ", ")
    return finding(
      "receipt-failed", "The validation of \(receipt.finishedAt) failed: \(names).",
      failed.first?.remedy.map { "\($0) Then run `nexy release validate --channel beta` again." } ?? validate)
  }

  private static func age(_ receipt: ValidationReceipt, now: Int64, hours: Int) -> Finding? {
    guard let end = ISO8601.milliseconds(of: receipt.finishedAt) else {
      return finding("receipt-unreadable", "The receipt does not say when the validation ended.", validate)
    }
    if end > now + clockDifference.wholeMilliseconds {
      return finding(
        "receipt-future", "The validation ended at \(receipt.finishedAt), which is still to come.",
        "Set this machine's clock, or that of \(receipt.validatedBy), and validate again.")
    }
    guard now - end > Int64(hours) * 3_600_000 else { return nil }
    return finding(
      "receipt-old", "The validation ended at \(receipt.finishedAt), more than \(hours) hours ago.", validate)
  }

  private static func name(_ channel: Channel, _ manifest: Manifest) -> String {
    "\(manifest.version) (\(manifest.build)) of \(channel.rawValue)"
  }

  private static func finding(_ rule: String, _ message: String, _ remedy: String) -> Finding {
    Finding(.rejected, rule, at: "receipt", message, remedy: remedy)
  }
}
