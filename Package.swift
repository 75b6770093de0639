// swift-tools-version: 6.2

import PackageDescription

/// What every target of this package is built with.
let house: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

// Products of other packages, by the words used below.
let asyncHTTPClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let configuration: Target.Dependency = .product(name: "Configuration", package: "swift-configuration")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let grpcCore: Target.Dependency = .product(name: "GRPCCore", package: "grpc-swift-2")
let grpcProtobuf: Target.Dependency = .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf")
let grpcTransport: Target.Dependency = .product(name: "GRPCNIOTransportHTTP2", package: "grpc-swift-nio-transport")
let heap: Target.Dependency = .product(name: "HeapModule", package: "swift-collections")
let histogram: Target.Dependency = .product(name: "Histogram", package: "hdrhistogram-swift")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting: Target.Dependency = .product(name: "HummingbirdTesting", package: "hummingbird")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "CoreMetrics", package: "swift-metrics")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTP2: Target.Dependency = .product(name: "NIOHTTP2", package: "swift-nio-http2")
let nioHTTPTypes: Target.Dependency = .product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioHTTPTypesHTTP1: Target.Dependency = .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let nioHPACK: Target.Dependency = .product(name: "NIOHPACK", package: "swift-nio-http2")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let protobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

let package = Package(
  name: "nexy",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "nexy", targets: ["nexy"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.2.0"),
    .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
    .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
    .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
    .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
  ],
  targets: [
    .executableTarget(name: "nexy", dependencies: ["NexyCommands"], swiftSettings: house),
    .target(
      name: "NexyCommands",
      dependencies: [
        "NexyChecks", "NexyConfig", "NexyCore", "NexyObservability", "NexyProviders", "NexyRelease", "NexyServer",
        "NexyUpdates", "NexyVoice", "NexyWire", argumentParser, asyncHTTPClient, grpcCore, grpcTransport, histogram,
        hummingbird, lifecycle, logging, nioCore, nioHTTP1, subprocess, system, unixSignals,
      ],
      swiftSettings: house),
    .target(name: "NexyCore", dependencies: [heap], swiftSettings: house),
    .target(name: "NexyNetwork", dependencies: [nioCore], swiftSettings: house),
    .target(name: "NexyConfig", dependencies: ["NexyCore", configuration, yams], swiftSettings: house),
    .target(
      name: "NexyObservability", dependencies: ["NexyCore", histogram, logging, metrics], swiftSettings: house),
    .target(
      name: "NexyWire", dependencies: ["NexyCore", grpcCore, grpcProtobuf, protobuf],
      exclude: ["Generated/generated.sha256"], resources: [.embedInCode("Generated/services.protoset")],
      swiftSettings: house),
    .target(name: "NexyVoice", dependencies: ["NexyCore"], swiftSettings: house),
    .target(
      name: "NexyProviders",
      dependencies: [
        "NexyCore", "NexyVoice", asyncHTTPClient, grdb, nioCore, nioHTTP1, nioSSL, subprocess, system, yams,
      ],
      resources: [.embedInCode("Prompt/assistant.md")], swiftSettings: house),
    .target(
      name: "NexyServer",
      dependencies: [
        "NexyCore", "NexyNetwork", "NexyObservability", "NexyVoice", "NexyWire", grpcCore, grpcTransport, httpTypes,
        hummingbird, lifecycle, logging, nioCore, nioHPACK, nioHTTP2, protobuf,
      ],
      swiftSettings: house),
    .target(
      name: "NexyUpdates",
      dependencies: [
        "NexyCore", "NexyNetwork", crypto, httpTypes, hummingbird, hummingbirdCore, lifecycle, logging, nioCore,
        nioHTTP1, nioHTTPTypes, nioHTTPTypesHTTP1, nioPosix,
      ],
      swiftSettings: house),
    .target(
      name: "NexyRelease",
      dependencies: [
        "NexyCore", "NexyUpdates", asyncHTTPClient, crypto, nioCore, nioHTTP1, nioPosix, nioSSL, subprocess, yams,
      ],
      swiftSettings: house),
    .target(
      name: "NexyChecks",
      dependencies: [
        "NexyCore", "NexyNetwork", "NexyUpdates", "NexyWire", asyncHTTPClient, crypto, grpcCore, grpcTransport, nioCore,
        nioHPACK, nioHTTP1, nioHTTP2, nioPosix, nioSSL, nioTLS, protobuf, subprocess, system,
      ],
      swiftSettings: house),
    // What the benchmarks compare with; no part of the product.
    .executableTarget(
      name: "nexy-echo-peer", dependencies: ["NexyWire", grpcCore, grpcTransport, protobuf],
      path: "Benchmarks/peers/swift", swiftSettings: house),
    .target(name: "NexyTestSupport", dependencies: ["NexyCore", "NexyVoice"], swiftSettings: house),
    .testTarget(name: "NexyCoreTests", dependencies: ["NexyCore", "NexyTestSupport"], swiftSettings: house),
    .testTarget(name: "NexyNetworkTests", dependencies: ["NexyNetwork", nioCore, nioPosix], swiftSettings: house),
    .testTarget(name: "NexyConfigTests", dependencies: ["NexyConfig", "NexyCore"], swiftSettings: house),
    .testTarget(
      name: "NexyObservabilityTests",
      dependencies: ["NexyCore", "NexyObservability", "NexyTestSupport", histogram, logging, metrics],
      swiftSettings: house),
    .testTarget(
      name: "NexyUpdatesTests",
      dependencies: [
        "NexyCore", "NexyTestSupport", "NexyUpdates", crypto, httpTypes, hummingbird, hummingbirdTesting, nioCore,
        nioPosix,
      ],
      swiftSettings: house),
    .testTarget(
      name: "NexyReleaseTests",
      dependencies: [
        "NexyCore", "NexyRelease", "NexyTestSupport", "NexyUpdates", asyncHTTPClient, crypto, nioCore, nioHTTP1,
        nioPosix,
      ],
      swiftSettings: house),
    .testTarget(
      name: "NexyChecksTests", dependencies: ["NexyChecks", "NexyCore", "NexyUpdates", "NexyWire", nioCore],
      swiftSettings: house),
    .testTarget(
      name: "NexyWireTests", dependencies: ["NexyCore", "NexyWire", crypto, protobuf], swiftSettings: house),
    .testTarget(
      name: "NexyVoiceTests", dependencies: ["NexyCore", "NexyTestSupport", "NexyVoice"], swiftSettings: house),
    .testTarget(
      name: "NexyProvidersTests",
      dependencies: [
        "NexyCore", "NexyProviders", "NexyTestSupport", "NexyVoice", asyncHTTPClient, grdb, nioCore, nioHTTP1, nioPosix,
        nioSSL,
      ],
      swiftSettings: house),
    .testTarget(
      name: "NexyServerTests",
      dependencies: [
        "NexyCore", "NexyObservability", "NexyServer", "NexyTestSupport", "NexyVoice", "NexyWire", nioCore, nioHPACK,
        grpcCore,
        hummingbird, hummingbirdTesting, httpTypes, logging, protobuf,
      ],
      swiftSettings: house),
    .testTarget(
      name: "NexyCommandsTests",
      dependencies: [
        "NexyCommands", "NexyConfig", "NexyCore", "NexyProviders", "NexyTestSupport", "NexyUpdates",
      ],
      swiftSettings: house),
  ],
  swiftLanguageModes: [.v6]
)
