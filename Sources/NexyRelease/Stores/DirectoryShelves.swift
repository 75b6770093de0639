import Foundation
import NexyCore
import NexyUpdates

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// How the shelves of a folder are laid out: `<tag>-<name>`, where the longest known tag is the one that counts.
struct DirectoryShelves: Sendable {
  /// The longest name of a file; the hidden one that it grows under has room for a process's number beside it.
  private static let longestName = 200
  /// Entries of the folder that are looked at.
  private static let limit = 100_000

  let path: String
  let updatesURLs: [String: String]

  /// - Throws: `NexyError` with code `tagMissing`, or `storeRefused` for a name that the update server never serves or
  ///   that would belong to another tag.
  func path(tag: String, name: String) throws -> String {
    try check(tag)
    let file = "\(tag)-\(name)"
    guard !name.isEmpty, name.first != ".", DownloadName.text(file.utf8) != nil else {
      throw StoreRefusal.badName(
        name, "the update server serves no hidden and unfinished files, and no slashes or control characters in a name."
      )
    }
    guard file.utf8.count <= Self.longestName else {
      throw StoreRefusal.badName(name, "with its tag it may have \(Self.longestName) bytes.")
    }
    guard self.tag(of: file) == tag else {
      throw StoreRefusal.badName(
        name, "with \(tag)- before it, it would be a file of \(self.tag(of: file) ?? "nobody").")
    }
    return "\(path)/\(file)"
  }

  func address(tag: String, name: String) -> String {
    var base = updatesURLs[tag] ?? ""
    while base.hasSuffix("/") { base.removeLast() }
    let file = "\(tag)-\(name)"
    return "\(base)/downloads/\(file.addingPercentEncoding(withAllowedCharacters: .unreserved) ?? file)"
  }

  func assets(of tag: String) throws -> [StoreAsset] {
    try check(tag)
    let listing = try DownloadFolder(path: path, limit: Self.limit).listing()
    guard !listing.isTruncated else {
      throw NexyError(
        .storeRefused, "\(path) holds more than \(Self.limit) files. Take away what is no release from it.")
    }
    return listing.files.filter { self.tag(of: $0.name) == tag }.map { file in
      StoreAsset(tag: tag, name: String(file.name.dropFirst(tag.count + 1)), stamp: file.stamp, sha256: nil)
    }
  }

  /// - Throws: `NexyError` with code `storeRefused`.
  func make() throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw NexyError(
        .storeRefused, "The folder \(path) could not be made. Check UPDATE_DOWNLOADS_DIR and who may write there.",
        cause: error)
    }
  }

  func problems(tags: [String]) -> [Finding] {
    tags.filter { updatesURLs[$0] == nil }.map { tag in
      Finding(
        .rejected, "store-tag", at: tag, "no update server is known that serves this tag.",
        remedy: "Use one of \(updatesURLs.keys.sorted().joined(separator: ", ")).")
    } + folderProblems()
  }

  /// A folder that is not there yet is judged by the nearest one above it.
  private func folderProblems() -> [Finding] {
    var place = path
    var status = stat()
    while stat(place, &status) != 0, errno == ENOENT, place != "/", place != "." {
      let above = (place as NSString).deletingLastPathComponent
      place = above.isEmpty ? "." : above
    }
    guard stat(place, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      return [
        Finding(
          .rejected, "store-folder", at: place, "it is no folder, or cannot be looked at.",
          remedy: "Set UPDATE_DOWNLOADS_DIR to a folder.")
      ]
    }
    guard access(place, W_OK | X_OK) == 0 else {
      return [
        Finding(
          .rejected, "store-right", at: place, "it cannot be written to: \(String(cString: strerror(errno))).",
          remedy: "Run the command as the user who owns the folder.")
      ]
    }
    return []
  }

  private func check(_ tag: String) throws {
    guard !tag.contains("/"), tag.first != "." else {
      throw StoreRefusal.badName(tag, "it holds a slash, or begins with a dot.")
    }
    guard updatesURLs[tag] != nil else {
      throw NexyError(
        .tagMissing,
        "No update server serves \(tag). Use one of \(updatesURLs.keys.sorted().joined(separator: ", ")).")
    }
  }

  private func tag(of file: String) -> String? {
    updatesURLs.keys.filter { file.hasPrefix("\($0)-") }.max { $0.utf8.count < $1.utf8.count }
  }
}

extension CharacterSet {
  /// What stands for itself anywhere in a URL (RFC 3986, section 2.3,
  /// https://www.rfc-editor.org/rfc/rfc3986.html#section-2.3).
  static let unreserved = CharacterSet(
    charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}
