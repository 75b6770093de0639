import NexyCore
import NexyUpdates

extension NexyError.Code {
  /// A file that was on a shelf is there no longer, or is another one now.
  package static let storeFileMissing = Self("store_file_missing")
}

/// What every store says in the same words.
enum StoreRefusal {
  static func missing(_ asset: StoreAsset, _ store: String) -> NexyError {
    NexyError(
      .storeFileMissing,
      "\(asset.name) of \(asset.tag) is no longer what was listed in \(store). Run the command again from its start.")
  }

  static func taken(_ name: String, _ tag: String, _ store: String) -> NexyError {
    NexyError(
      .storeNameTaken,
      "\(name) of \(tag) in \(store) is something else already. Look at it, and take it away if nobody needs it.")
  }

  static func changed(_ path: String) -> NexyError {
    NexyError(
      .fileChanged, "\(path) is not the file that was to be uploaded: its bytes changed. Run the command again.")
  }

  static func badName(_ name: String, _ reason: String) -> NexyError {
    NexyError(.storeRefused, "\"\(name)\" cannot be the name of a shelf or of a file on it: \(reason)")
  }
}
