/// A configuration as requests see it: its servers, and the upstreams that they may name.
struct NginxConfiguration: Sendable {
  let upstreams: [NginxDirective]
  let servers: [NginxServer]

  /// - Parameter tree: A main file with its `http` block, or a file that such a block includes.
  init(_ tree: [NginxDirective]) {
    let https = tree.filter { $0.name == "http" }
    let http = https.isEmpty ? tree : https.flatMap { $0.block ?? [] }
    upstreams = http.filter { $0.name == "upstream" }
    let blocks = http.filter { $0.name == "server" && $0.block != nil }
    // `ssl` and `http2` of a listen are the socket's: every server that listens there has them.
    var shared: [String: Set<String>] = [:]
    for listen in blocks.flatMap({ NginxListen.all($0) }) {
      shared[listen.address, default: []].formUnion(listen.options)
    }
    servers = blocks.map { block in
      NginxServer(
        place: block.place, scope: NginxScope([http, block.block ?? []]),
        listens: NginxListen.all(block).map { NginxListen(address: $0.address, options: shared[$0.address] ?? []) })
    }
  }
}

/// A `server` block.
struct NginxServer: Sendable {
  let place: NginxPlace
  /// http and server.
  let scope: NginxScope
  let listens: [NginxListen]

  var names: [String] {
    scope.here.filter { $0.name == "server_name" }.flatMap(\.arguments).map { $0.lowercased() }
  }
  var secureListens: [NginxListen] { listens.filter(\.isSecure) }
}

/// One `listen` of a server.
struct NginxListen: Sendable, Equatable {
  /// Address and port, `*:443`, however it was written.
  let address: String
  /// `ssl`, `http2`, `default_server` and the like.
  let options: Set<String>

  var isSecure: Bool { options.contains("ssl") && !options.contains("quic") }

  static func all(_ server: NginxDirective) -> [NginxListen] {
    let listens = (server.block ?? []).filter { $0.name == "listen" && !$0.arguments.isEmpty }
    // Without any, nginx listens on port 80.
    if listens.isEmpty { return [NginxListen(address: "*:80", options: [])] }
    return listens.map { NginxListen(address: address($0.first), options: Set($0.arguments.dropFirst())) }
  }

  private static func address(_ text: String) -> String {
    let text = text.lowercased()
    if Int(text) != nil { return "*:\(text)" }
    if text.hasPrefix("unix:") { return text }
    if text.hasPrefix("0.0.0.0:") { return "*:\(text.dropFirst(8))" }
    let hasPort = text.hasPrefix("[") ? text.contains("]:") : text.contains(":")
    return hasPort ? text : "\(text):80"
  }
}
