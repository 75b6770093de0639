import NexyCore

extension Settings {
  /// Which of the two runtimes on one machine this is.
  package enum Runtime: String, Sendable, CaseIterable {
    case production
    case staging

    /// The ports of gRPC, HTTP and updates.
    var ports: (grpc: Int, http: Int, updates: Int) {
      switch self {
      case .production: (50051, 8080, 8081)
      case .staging: (50061, 8082, 8083)
      }
    }

    var dataFolder: String {
      switch self {
      case .production: "var"
      case .staging: "var/staging"
      }
    }

    /// The log file beside standard error: production's lines are kept by whoever runs the service.
    var logFile: String? {
      switch self {
      case .production: nil
      case .staging: "\(dataFolder)/nexy.log"
      }
    }

    /// The files that settings are read from.
    var files: (environment: String, yaml: String) {
      switch self {
      case .production: ("config.env", "config/nexy.yaml")
      case .staging: ("config.staging.env", "config/nexy.staging.yaml")
      }
    }
  }

  /// How updates of the client are served.
  package struct Updates: Sendable, Equatable {
    package var isOn: Bool
    package var host: String
    package var port: Int
    /// Whether pages of any origin may read the answers.
    package var allowsAnyOrigin: Bool
    package var manifests: String
    package var downloads: String
    /// Where clients reach the server, such as `https://host/updates`; nil where nobody said.
    package var publicURL: String?
    /// Hosts that a release may be downloaded from, beside the public one.
    package var allowedHosts: [String]
    /// What releases are signed with, base64 of 32 bytes; nil checks no signature.
    package var publicKey: String?
    /// Downloads at the same time.
    package var downloadLimit: Int
    /// Bytes a second of one download; 0 is no limit.
    package var downloadRate: Int
  }

  /// GitHub's own, and where it sends those who download a release.
  private static let gitHub = "github.com,objects.githubusercontent.com,release-assets.githubusercontent.com"

  static func updates(_ reader: inout SettingsReader, in environment: Environment, port: Int) -> Updates {
    let isOn = reader.flag("update.enabled", "UPDATE_ENABLED", default: true)
    let host = reader.host("update.host", "UPDATE_HOST", in: environment)
    let port = reader.integer("update.port", "UPDATE_PORT", default: port, in: 0...65535)
    let allowsAnyOrigin = reader.flag("update.cors_enabled", "UPDATE_CORS", default: true)
    let folder = reader.text("update.updates_dir", "UPDATE_DIR", default: "updates")
    return Updates(
      isOn: isOn, host: host, port: port, allowsAnyOrigin: allowsAnyOrigin,
      manifests: reader.text("update.manifests_dir", "UPDATE_MANIFESTS_DIR", default: "\(folder)/manifests"),
      downloads: reader.text("update.downloads_dir", "UPDATE_DOWNLOADS_DIR", default: "\(folder)/downloads"),
      publicURL: reader.optionalURL("update.public_url", "UPDATE_PUBLIC_URL"),
      allowedHosts: reader.hosts("update.allowed_hosts", "UPDATE_ALLOWED_HOSTS", default: gitHub),
      publicKey: reader.publicKey("update.public_key", "UPDATE_PUBLIC_KEY"),
      downloadLimit: reader.integer("update.max_downloads", "UPDATE_MAX_DOWNLOADS", default: 64, in: 1...10_000),
      downloadRate: reader.integer("update.download_rate", "UPDATE_DOWNLOAD_RATE", default: 0, in: 0...(1 << 40)))
  }
}
