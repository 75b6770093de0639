import Foundation

#if canImport(FoundationXML)
import FoundationXML
#endif

/// What an application's `Info.plist` says of its version.
struct BundleInfo: Equatable {
  let build: String
  let version: String

  init(build: String, version: String) {
    self.build = build
    self.version = version
  }

  /// - Parameter plist: XML or binary.
  /// - Returns: nil unless it is a property list with both texts.
  init?(plist: [UInt8]) {
    struct Plist: Decodable {
      let CFBundleVersion: String
      let CFBundleShortVersionString: String
    }
    guard let read = try? PropertyListDecoder().decode(Plist.self, from: Data(plist)) else { return nil }
    self.init(build: read.CFBundleVersion, version: read.CFBundleShortVersionString)
  }
}

/// What a package's `PackageInfo`, as `pkgbuild` writes it, says of versions.
struct PackageInfo: Equatable {
  /// The package's own.
  let version: String?
  /// The application that it installs, the outermost one.
  let application: BundleInfo?

  /// - Returns: nil unless it is XML with a `pkg-info` as its root.
  init?(xml: [UInt8]) {
    let reader = PackageInfoReader()
    let parser = XMLParser(data: Data(xml))
    parser.delegate = reader
    guard parser.parse(), reader.isPackage else { return nil }
    version = reader.version
    application = reader.applications.min { $0.path.utf8.count < $1.path.utf8.count }?.info
  }
}

private final class PackageInfoReader: NSObject, XMLParserDelegate {
  private(set) var isPackage = false
  private(set) var version: String?
  private(set) var applications: [(path: String, info: BundleInfo)] = []
  private var depth = 0

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    depth += 1
    if depth == 1, name == "pkg-info" {
      isPackage = true
      version = attributes["version"]
    }
    guard depth == 2, name == "bundle", let path = attributes["path"], path.hasSuffix(".app"),
      let build = attributes["CFBundleVersion"], let version = attributes["CFBundleShortVersionString"]
    else { return }
    applications.append((path, BundleInfo(build: build, version: version)))
  }

  func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
    depth -= 1
  }
}
