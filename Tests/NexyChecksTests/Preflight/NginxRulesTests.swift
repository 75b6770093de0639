import Foundation
import Testing

@testable import NexyChecks

@Suite("The rules for an nginx in front of the server")
struct NginxRulesTests {
  /// The example that is offered is the good file.
  static let good: String = {
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../deploy/nginx/nexy.conf.example")
    return (try? String(contentsOf: path.standardized, encoding: .utf8)) ?? ""
  }()

  struct Edit: Sendable, CustomTestStringConvertible {
    let rule: String
    let old: String
    let new: String
    var testDescription: String { "\(rule): \(old.trimmingCharacters(in: .whitespaces)) -> \(new)" }

    init(_ rule: String, _ old: String, _ new: String) {
      self.rule = rule
      self.old = old
      self.new = new
    }
  }

  static let health = "location = /health { proxy_pass http://nexy_health;"
  static let status = "location = /status { proxy_pass http://nexy_health;"

  static let ways =
    "location ^~ /streaming.StreamingService/S { grpc_read_timeout 5m; grpc_send_timeout 5m; client_max_body_size 1g;"

  /// One edit each, and the one rule that must notice.
  static let edits: [Edit] = [
    Edit("http2", "listen 443 ssl http2;", "listen 443 ssl;"),
    Edit("http2", "listen 443 ssl http2;", "listen 443 ssl; http2 off;"),
    Edit("http2", "listen 443 ssl http2;", "listen 443 ssl http2; listen [::]:443 ssl;"),
    Edit("certificate", "ssl_certificate_key /etc", "#"),
    Edit("certificate", "ssl_certificate     /etc", "#"),
    Edit("voice", "location / {", "\(ways) grpc_pass grpcs://nexy_voice; } location / {"),
    Edit("voice", "location / {", "\(ways) proxy_pass http://nexy_voice; } location / {"),
    Edit("voice", "location / {", "\(ways) grpc_pass 127.0.0.1:8080; } location / {"),
    Edit("voice", "location / {", "location ~ ^/streaming { return 404; } location / {"),
    Edit("voice", "location / {", "location /streaming.StreamingService/ReportUsage { return 404; } location / {"),
    Edit("grpc-health", "location / {", "location = /grpc.health.v1.Health/Check { return 404; } location / {"),
    Edit("grpc-health", "location / {", "location ~ Health/Watch$ { grpc_pass 127.0.0.1:50052; } location / {"),
    Edit("timeout.read", "grpc_read_timeout 300s;", "grpc_read_timeout 60s;"),
    Edit("timeout.read", "grpc_read_timeout 300s;", ""),
    Edit("timeout.read", "grpc_read_timeout 300s;", "grpc_read_timeout 4m 59s;"),
    Edit("timeout.read", "grpc_read_timeout 300s;", "proxy_read_timeout 300s;"),
    Edit("timeout.send", "grpc_send_timeout 300s;", "grpc_send_timeout 299;"),
    Edit("timeout.send", "grpc_send_timeout 300s;", ""),
    Edit("body", "client_max_body_size 16m;", ""),
    Edit("body", "client_max_body_size 16m;", "client_max_body_size 16383k;"),
    Edit("keepalive", "keepalive_timeout 300s;", "keepalive_timeout 0;"),
    Edit("keepalive", "keepalive_timeout 300s;", "keepalive_timeout 5s 5s;"),
    Edit("health", health, "location = /health { proxy_pass http://nexy_health/;"),
    Edit("health", health, "location = /health { proxy_pass https://nexy_health;"),
    Edit("health", "location = /health {", "location = /healthy {"),
    Edit("status", status, "location = /status { proxy_pass http://nexy_health/health;"),
    Edit("status", "location = /status {", "location /status/ {"),
    Edit("updates", "proxy_pass http://nexy_updates;", "proxy_pass http://nexy_updates/feeds/;"),
    Edit(
      "updates", "location /updates/ {", "location = /updates/appcast-beta.xml { return 404; } location /updates/ {"),
    Edit("downloads", "proxy_buffering off;", ""),
    Edit("downloads", "proxy_buffering off;", "proxy_buffering on; proxy_max_temp_file_size 512m;"),
    Edit("metrics", "location / {", "location /metrics { proxy_pass http://nexy_health; } location / {"),
    Edit("metrics", "location / {", "location /api/ { proxy_pass http://127.0.0.1:8080/; } location / {"),
    Edit("metrics", "location / {", "location /status/ { proxy_pass http://127.0.0.1:8080/; } location / {"),
    Edit("cache", "proxy_buffering off;", "proxy_buffering off; add_header cache-control max-age=300;"),
    Edit("cache", status, "location /updates/appcast.xml { proxy_pass http://nexy_updates; expires 1m; } \(status)"),
    Edit("cache", "keepalive_timeout 300s;", "keepalive_timeout 300s; add_header Cache-Control no-store always;"),
    Edit("runtime", "server 127.0.0.1:8081;", "server 127.0.0.1:8083;"),
    Edit("runtime", "server 127.0.0.1:50051;", "server 127.0.0.1:50061;"),
    Edit("runtime", "server 127.0.0.1:50051;", "server 127.0.0.1:50051; server 127.0.0.1:50061 backup;"),
    Edit("loopback", "server 127.0.0.1:8080;", "server 10.0.0.5:8080;"),
    Edit("straight", "keepalive_timeout 300s;", "keepalive_timeout 300s; if ($http_user_agent = x) { return 403; }"),
    Edit("straight", "proxy_buffering off;", "proxy_buffering off; deny all;"),
    Edit("straight", "grpc_connect_timeout 10s;", "auth_basic nexy;"),
    Edit("straight", "keepalive_timeout 300s;", "keepalive_timeout 300s; rewrite ^/health /healthz last;"),
    Edit("once", "upstream nexy_voice   {", "upstream nexy_voice { server 127.0.0.1:50051; } upstream nexy_voice   {"),
    Edit(
      "once", "server {\n    listen 80;",
      "server { listen 443 ssl; server_name NEXY.example.org; }\nserver {\n    listen 80;"),
    Edit("server", "listen 443 ssl http2;", "listen 443 http2;"),
  ]

  /// What changes nothing that matters.
  static let harmlessEdits: [Edit] = [
    Edit("", "listen 443 ssl http2;", "listen 443 ssl; http2 on;"),
    Edit("", "listen 443 ssl http2;", "listen 443 ssl; listen 0.0.0.0:443 ssl http2;"),
    Edit("", "grpc_pass grpc://nexy_voice;", "grpc_pass NEXY_VOICE;"),
    Edit("", "grpc_pass grpc://nexy_voice;", "grpc_pass \"grpc://127.0.0.1:50051\";"),
    Edit("", "proxy_pass http://nexy_updates;", "proxy_pass http://nexy_updates/;"),
    Edit("", "proxy_pass http://nexy_updates;", "proxy_pass http://nexy_updates/updates/;"),
    Edit("", "client_max_body_size 16m;", "client_max_body_size 0;"),
    Edit("", "keepalive_timeout 300s;", ""),
    Edit("", "proxy_buffering off;", "proxy_max_temp_file_size 0;"),
    Edit(
      "", "proxy_buffering off;", "proxy_buffering off; add_header Cache-Control a; proxy_hide_header Cache-Control;"),
    Edit(
      "", "proxy_buffering off;", "proxy_buffering off; add_header Strict-Transport-Security max-age=1; expires off;"),
    Edit("", "location / {", "location /metrics { deny all; proxy_pass http://nexy_health; } location / {"),
    Edit("", "grpc_connect_timeout 10s;", "auth_basic off;"),
    Edit(
      "", "server {\n    listen 80;",
      "server { listen 443 ssl; server_name other.org; root /srv; }\nserver {\n    listen 80;"),
  ]

  @Test("the example breaks none")
  func example() throws {
    #expect(!Self.good.isEmpty)
    #expect(try failing(Self.good) == [])
    #expect(
      try failing(
        Self.good.replacing("50051", with: "50061").replacing("8080", with: "8082")
          .replacing("8081", with: "8083")) == [])
  }

  @Test("each edit breaks its own rule and no other", arguments: edits)
  func edit(_ edit: Edit) throws {
    #expect(Self.good.contains(edit.old))
    #expect(try failing(Self.good.replacing(edit.old, with: edit.new, maxReplacements: 1)) == [edit.rule])
  }

  @Test("what matters not breaks none", arguments: harmlessEdits)
  func harmless(_ edit: Edit) throws {
    #expect(Self.good.contains(edit.old))
    #expect(try failing(Self.good.replacing(edit.old, with: edit.new, maxReplacements: 1)) == [])
  }

  @Test("every rule has an edit that breaks it")
  func covered() {
    let tried = Set(Self.edits.map { "preflight.nginx.\($0.rule)" })
    #expect(NginxRules.all.map(\.point.id).filter { !tried.contains($0) } == [])
    #expect(Set(NginxRules.all.map(\.point.id)).count == NginxRules.all.count)
  }

  @Test("where another rule's failure stands in the way, nothing passes")
  func skipped() throws {
    let text = Self.good.replacing("grpc_pass grpc://nexy_voice;", with: "return 404;")
    let verdicts = try verdicts(text)
    for rule in ["timeout.read", "timeout.send", "body", "runtime"] { #expect(verdicts[rule] == .skipped, "\(rule)") }
    for rule in ["voice", "grpc-health"] { #expect(verdicts[rule] == .failed, "\(rule)") }
  }

  @Test("a target that a variable names is a failure")
  func variable() throws {
    let text = Self.good.replacing("grpc_pass grpc://nexy_voice;", with: "grpc_pass grpc://$backend;")
    let verdicts = try verdicts(text)
    #expect(verdicts["voice"] == .failed)
    #expect(verdicts["runtime"] == .skipped)
  }

  @Test("inherited values count, and those of the nearest level win")
  func inherited() throws {
    let lines = ["grpc_read_timeout 300s;", "grpc_send_timeout 300s;", "client_max_body_size 16m;"]
    #expect(lines.allSatisfy { Self.good.contains($0) })
    let bare = lines.reduce(Self.good) { $0.replacing($1, with: "") }
    #expect(
      try failing("http { \(bare) \n grpc_read_timeout 5m; grpc_send_timeout 1h; client_max_body_size 1g; }") == [])
    #expect(try failing("http { \(Self.good) \n grpc_read_timeout 1s; client_max_body_size 1k; }") == [])
  }

  private func failing(_ text: String) throws -> [String] {
    try verdicts(text).filter { $0.value == .failed }.map(\.key).sorted()
  }

  private func verdicts(_ text: String) throws -> [String: CheckResult.Verdict] {
    let folder = NginxFolder(["/etc/nginx/nginx.conf": text, "/etc/nginx/proxy_params": "proxy_set_header Host $host;"])
    let sites = NginxSite.all(
      NginxConfiguration(try folder.tree), runtimes: NginxRuntime.known, turnLimit: .seconds(300))
    var verdicts: [String: CheckResult.Verdict] = ["server": sites.isEmpty ? .failed : .passed]
    for rule in NginxRules.all {
      verdicts[String(rule.point.id.dropFirst("preflight.nginx.".count))] = try rule.sight(sites).verdict
    }
    return verdicts
  }
}
