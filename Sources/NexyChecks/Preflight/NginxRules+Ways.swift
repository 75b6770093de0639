import NexyCore

/// How requests are taken and passed on: protocol, certificate, times, sizes, headers.
extension NginxRules {
  /// A request of 16 MiB is the largest that the server takes (docs/operating.md); nginx answers 413 before that by itself.
  static let largestRequest: Int64 = 16 << 20
  /// Seconds: shorter pauses than this are common within a conversation, and a new connection costs a handshake.
  static let shortestKeepalive = 60.0

  static let http2 = NginxRule(
    "http2", "TLS listeners speak HTTP/2", expecting: "listen … http2, or http2 on",
    documentation: "ngx_http_v2_module.html#http2",
    cause: "gRPC needs HTTP/2, and nginx offers it only where it is asked to."
  ) { site in
    let isOn = site.server.scope.isOn("http2", standard: false)
    let without = site.server.secureListens.filter { !isOn && !$0.options.contains("http2") }.map(\.address)
    return .of(without.map { "\($0) speaks HTTP/1.1 alone" }, otherwise: isOn ? "http2 on" : "listen … http2")
  }

  static let certificate = NginxRule(
    "certificate", "A certificate and its key are named", expecting: "ssl_certificate and ssl_certificate_key",
    documentation: "ngx_http_ssl_module.html#ssl_certificate",
    cause: "A line was lost when the file was copied."
  ) { site in
    let counts = ["ssl_certificate", "ssl_certificate_key"].map { name in
      (name, site.server.scope.effectiveAll(name).count { !$0.first.isEmpty })
    }
    let missing = counts.filter { $0.1 == 0 }.map { "no \($0.0)" }
    let uneven = missing.isEmpty && counts[0].1 != counts[1].1 ? ["as many keys as certificates are needed"] : []
    return .of(missing + uneven, otherwise: site.server.scope.effective("ssl_certificate")?.first ?? "")
  }

  static let readTimeout = NginxRule(
    "timeout.read", "A turn may pause for as long as it may last",
    expecting: "grpc_read_timeout of REQUEST_TIMEOUT, 300s",
    documentation: "ngx_http_grpc_module.html#grpc_read_timeout",
    cause: "nginx's own 60 s, or a shorter time, end turns whose model thinks."
  ) { try timeout($0, "grpc_read_timeout") }

  static let sendTimeout = NginxRule(
    "timeout.send", "A request may take as long as a turn", expecting: "grpc_send_timeout of REQUEST_TIMEOUT, 300s",
    documentation: "ngx_http_grpc_module.html#grpc_send_timeout",
    cause: "nginx's own 60 s, or a shorter time, end uploads of slow lines."
  ) { try timeout($0, "grpc_send_timeout") }

  /// nginx never buffers a gRPC request, whatever `proxy_request_buffering` says; its size is limited all the same.
  static let bodySize = NginxRule(
    "body", "Requests with screenshots are let in", expecting: "client_max_body_size of 16m or more, or 0",
    documentation: "ngx_http_core_module.html#client_max_body_size",
    cause: "nginx's own limit is 1 MiB: a question with a screenshot gets HTTP 413."
  ) { site in
    try eachVoice(site) { scope in
      let directive = scope.effective("client_max_body_size")
      let text = directive?.first ?? "1m, nginx's own"
      guard let bytes = NginxValue.bytes(directive?.first ?? "1m") else { return .fails(["\(text) is no size"]) }
      return .of(bytes == 0 || bytes >= largestRequest ? [] : ["client_max_body_size is \(text)"], otherwise: text)
    }
  }

  static let keepalive = NginxRule(
    "keepalive", "Connections are kept between questions", expecting: "keepalive_timeout of 60s or more",
    documentation: "ngx_http_core_module.html#keepalive_timeout",
    cause: "It was lowered for browsers: every question then waits for a new TLS handshake."
  ) { site in
    let directive = site.server.scope.effective("keepalive_timeout")
    let text = directive?.first ?? "75s"
    guard let seconds = NginxValue.seconds([text]) else { return .fails(["\(text) is no time"]) }
    return .of(
      seconds >= shortestKeepalive ? [] : ["keepalive_timeout is \(text)"],
      otherwise: directive.map { "\($0.first)" } ?? "75s, nginx's own")
  }

  static let downloads = NginxRule(
    "downloads", "Downloads do not fill nginx's disk", expecting: "proxy_buffering off, or proxy_max_temp_file_size 0",
    documentation: "ngx_http_proxy_module.html#proxy_buffering",
    cause: "nginx reads ahead of a slow client into a file, up to 1 GiB for each download."
  ) { site in
    let route = try site.route(NginxSite.downloadPath)
    guard case .passed(_, false) = route.answer else {
      return .cannotTell("\(NginxSite.downloadPath) is passed to nobody")
    }
    if !route.scope.isOn("proxy_buffering", standard: true) { return .holds("proxy_buffering off") }
    let largest = route.scope.effective("proxy_max_temp_file_size")?.first ?? "1024m"
    return NginxValue.bytes(largest) == 0
      ? .holds("proxy_max_temp_file_size 0")
      : .fails(["\(NginxSite.downloadPath) is buffered in files of up to \(largest)"])
  }

  static let cacheControl = NginxRule(
    "cache", "The server's own caching headers arrive", expecting: "no add_header Cache-Control, no expires",
    documentation: "ngx_http_headers_module.html#add_header",
    cause: "add_header adds a second header beside the server's, and clients may believe either."
  ) { site in
    var faults: [String] = []
    for path in ["/health"] + NginxSite.updatePaths {
      let scope = try site.route(path).scope
      let hidden = Set(scope.effectiveAll("proxy_hide_header").map { $0.first.lowercased() })
      let added = scope.effectiveAll("add_header").filter { directive in
        let name = directive.first.lowercased()
        return ["cache-control", "expires", "pragma"].contains(name) && !hidden.contains(name)
      }
      let expires = scope.effectiveAll("expires").filter { $0.arguments != ["off"] }
      for directive in added + expires where !faults.contains(where: { $0.hasPrefix("\(directive.place): ") }) {
        faults.append("\(directive.place): \(directive.name) \(directive.first) changes what \(path) says")
      }
    }
    return .of(faults, otherwise: "none is added")
  }

  /// What `include sites-enabled/*` brings in twice: a backup beside the file itself (defect 86 of the predecessor).
  static let once = NginxRule(
    "once", "Every name is there once", expecting: "one upstream of a name, one server of a name and listener",
    documentation: "ngx_http_core_module.html#server_name",
    cause: "A backup lies in a folder that is included whole: move it elsewhere."
  ) { site in
    let upstreams = site.configuration.upstreams.map { $0.first.lowercased() }
    var faults = Set(upstreams.filter { name in upstreams.count { $0 == name } > 1 }).sorted()
      .map { "upstream \($0) is there more than once" }
    for other in site.configuration.servers where other.place != site.server.place {
      let listens = Set(other.listens.map(\.address)).intersection(site.server.listens.map(\.address))
      // A server without a name has the empty one.
      let names = Set(other.names.isEmpty ? [""] : other.names).intersection(
        site.server.names.isEmpty ? [""] : site.server.names)
      if let listen = listens.first, let name = names.first {
        faults.append("\(other.place) is \(name.isEmpty ? "a server without a name" : name) on \(listen) as well")
      }
    }
    return .of(faults, otherwise: "once")
  }

  // MARK: - Parts

  private static func timeout(_ site: NginxSite, _ name: String) throws -> NginxRule.Finding {
    try eachVoice(site) { scope in
      let arguments = scope.effective(name)?.arguments ?? ["60s"]
      let text = arguments.joined(separator: " ")
      guard let seconds = NginxValue.seconds(arguments) else { return .fails(["\(name) \(text) is no time"]) }
      let isNamed = scope.effective(name) != nil
      return .of(
        seconds >= site.turnLimit.inSeconds ? [] : ["\(name) is \(text)\(isNamed ? "" : ", nginx's own")"],
        otherwise: text)
    }
  }

  /// Looks at the levels in force for the voice service's calls.
  private static func eachVoice(
    _ site: NginxSite, _ look: (NginxScope) -> NginxRule.Finding
  ) throws -> NginxRule.Finding {
    var told = NginxRule.Finding.cannotTell("no call of the voice service is passed on")
    for path in NginxSite.voicePaths {
      let route = try site.route(path)
      guard case .passed(_, true) = route.answer else {
        return .cannotTell("\(path) is passed to nobody")
      }
      told = look(route.scope)
      if case .fails = told { return told }
    }
    return told
  }
}
