// swift-tools-version: 6.2
import PackageDescription

/// One place for what every target of ours is compiled with.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

func product(_ name: String, _ package: String) -> Target.Dependency {
    .product(name: name, package: package)
}

let argumentParser = product("ArgumentParser", "swift-argument-parser")
let asyncHTTPClient = product("AsyncHTTPClient", "async-http-client")
let crypto = product("Crypto", "swift-crypto")
let cryptoExtras = product("CryptoExtras", "swift-crypto")
let heap = product("HeapModule", "swift-collections")
let lifecycle = product("ServiceLifecycle", "swift-service-lifecycle")
let logging = product("Logging", "swift-log")
let nioCore = product("NIOCore", "swift-nio")
let nioHTTP1 = product("NIOHTTP1", "swift-nio")
let nioEmbedded = product("NIOEmbedded", "swift-nio")
let nioHPACK = product("NIOHPACK", "swift-nio-http2")
let nioHTTP2 = product("NIOHTTP2", "swift-nio-http2")
let nioHTTPCompression = product("NIOHTTPCompression", "swift-nio-extras")
let nioPosix = product("NIOPosix", "swift-nio")
let nioSSL = product("NIOSSL", "swift-nio-ssl")
let unixSignals = product("UnixSignals", "swift-service-lifecycle")

let package = Package(
    name: "opwatchd",
    products: [
        .executable(name: "opwatchd", targets: ["opwatchd"]),
        .executable(name: "opwatchd-demo", targets: ["opwatchd-demo"]),
    ],
    dependencies: [
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .systemLibrary(
            name: "CYaml", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CLinux"),

        .target(name: "WireFormat"),
        .target(name: "FilterLanguage", dependencies: ["WireFormat"]),
        .target(name: "OpwatchCore", dependencies: ["FilterLanguage", "WireFormat"]),
        .target(
            name: "OpwatchPolicy",
            dependencies: ["OpwatchCore", "FilterLanguage", "WireFormat", "CYaml", crypto]),
        .target(
            name: "GoogleAuth",
            dependencies: ["OpwatchCore", "WireFormat", "CLinux", crypto, cryptoExtras]),
        .target(
            name: "OperationsClient",
            dependencies: [
                "OpwatchCore", "WireFormat", asyncHTTPClient, nioCore, nioPosix, nioHTTP1,
                nioHTTP2, nioHTTPCompression, nioSSL,
            ]),
        .target(name: "OpwatchJournal", dependencies: ["OpwatchCore", "WireFormat", "CLinux"]),
        .target(name: "OpwatchReports"),
        .target(
            name: "OpwatchEngine",
            dependencies: ["OpwatchCore", "FilterLanguage", "WireFormat", "OpwatchReports", heap]),
        .target(name: "OpwatchSystemd", dependencies: ["OpwatchReports", "CSystemd"]),
        .target(
            name: "OpwatchDaemon",
            dependencies: [
                "OpwatchCore", "OpwatchEngine", "OpwatchReports", "WireFormat", "OpwatchPolicy",
                "OperationsClient", "OpwatchJournal", "OpwatchSystemd", "GoogleAuth", lifecycle,
                logging,
            ]),
        .target(
            name: "OperationsSimulator",
            dependencies: ["WireFormat", nioCore, nioPosix, nioHTTP1]),
        .target(
            name: "OpwatchProcess",
            dependencies: [
                "OpwatchCore", "OpwatchEngine", "WireFormat", "OperationsClient", "GoogleAuth",
                "OpwatchReports", "OpwatchSystemd", "OpwatchDaemon", "CLinux", argumentParser,
                lifecycle, unixSignals, logging,
            ]),
        .executableTarget(
            name: "opwatchd",
            dependencies: [
                "WireFormat", "FilterLanguage", "OpwatchCore", "OpwatchPolicy", "OperationsClient",
                "GoogleAuth", "OpwatchJournal", "OpwatchReports", "OpwatchSystemd",
                "OpwatchDaemon", "OpwatchProcess", argumentParser,
            ]),
        .executableTarget(
            name: "opwatchd-demo",
            dependencies: [
                "WireFormat", "OpwatchCore", "OpwatchEngine", "OperationsClient",
                "OpwatchJournal", "OpwatchDaemon", "OpwatchProcess", "OperationsSimulator",
                argumentParser,
            ]),

        .target(name: "SeededRandom", path: "Tests/SeededRandom"),
        .testTarget(name: "WireFormatTests", dependencies: ["WireFormat", "SeededRandom"]),
        .testTarget(
            name: "FilterLanguageTests",
            dependencies: ["FilterLanguage", "WireFormat", "SeededRandom"]),
        .testTarget(
            name: "OpwatchCoreTests",
            dependencies: ["OpwatchCore", "FilterLanguage", "WireFormat", "SeededRandom"]),
        .testTarget(
            name: "OpwatchPolicyTests",
            dependencies: [
                "OpwatchPolicy", "OpwatchCore", "FilterLanguage", "WireFormat", "SeededRandom",
            ]),
        .testTarget(
            name: "OperationsClientTests",
            dependencies: [
                "OperationsClient", "GoogleAuth", "OpwatchCore", "OpwatchDaemon", "WireFormat",
                asyncHTTPClient, nioCore, nioEmbedded, nioPosix, nioHTTP1, nioHTTP2, nioHPACK,
                nioSSL,
            ]),
        .testTarget(
            name: "GoogleAuthTests",
            dependencies: ["GoogleAuth", "OpwatchCore", "WireFormat", crypto, cryptoExtras]),
        .target(
            name: "DiskSimulator", dependencies: ["OpwatchJournal"], path: "Tests/DiskSimulator"),
        .testTarget(
            name: "OpwatchJournalTests",
            dependencies: [
                "OpwatchJournal", "OpwatchCore", "DiskSimulator", "SeededRandom", "WireFormat",
            ]),
        .testTarget(
            name: "OpwatchSystemdTests", dependencies: ["OpwatchSystemd", "OpwatchReports"]),
        .testTarget(
            name: "OperationsSimulatorTests",
            dependencies: ["OperationsSimulator", "WireFormat"]),
        .testTarget(
            name: "OpwatchEngineTests",
            dependencies: [
                "OpwatchEngine", "OpwatchCore", "OpwatchPolicy", "OpwatchReports", "FilterLanguage",
                "WireFormat", "SeededRandom",
            ]),
        .testTarget(
            name: "OpwatchDaemonTests",
            dependencies: [
                "OpwatchDaemon", "OpwatchEngine", "OpwatchCore", "OpwatchPolicy",
                "OpwatchJournal", "OpwatchReports", "OpwatchSystemd", "OperationsClient",
                "GoogleAuth", "OperationsSimulator", "WireFormat", "FilterLanguage", lifecycle,
                logging,
            ]),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "opwatchd", "opwatchd-demo", "OperationsSimulator", "SeededRandom", "WireFormat",
            ]),
        .testTarget(name: "TidyTests"),

        .target(
            name: "Simulation",
            dependencies: [
                "OpwatchDaemon", "OpwatchEngine", "OpwatchPolicy", "OpwatchJournal",
                "OpwatchReports", "OpwatchSystemd", "OpwatchCore", "WireFormat",
                "DiskSimulator", "SeededRandom",
            ],
            path: "Tests/Simulation"),
        .executableTarget(
            name: "simulate", dependencies: ["Simulation", argumentParser],
            path: "Tests/Simulate"),
        .testTarget(
            name: "SimulationTests",
            dependencies: ["Simulation", "OpwatchCore", "WireFormat", "SeededRandom"]),

        .executableTarget(
            name: "FilterBench", dependencies: ["FilterLanguage", "WireFormat"],
            path: "Tests/Benchmarks/FilterBench"),
        .executableTarget(
            name: "JournalBench", dependencies: ["OpwatchJournal", "OpwatchCore", "WireFormat"],
            path: "Tests/Benchmarks/JournalBench"),
    ],
    swiftLanguageModes: [.v6]
)

// Fuzzers get their `main` from libFuzzer, so that they link only as `make fuzz` builds them.
if Context.environment["OPWATCHD_FUZZ"] != nil {
    let fuzzers: [(String, [Target.Dependency])] = [
        ("FilterParse", ["FilterLanguage", "WireFormat"]),
        ("FilterEvaluate", ["FilterLanguage", "WireFormat"]),
        ("JournalLine", ["OpwatchJournal", "OpwatchCore", "WireFormat"]),
        ("JournalFile", ["OpwatchJournal", "OpwatchCore", "DiskSimulator", "WireFormat"]),
    ]
    package.targets += fuzzers.map { name, dependencies in
        .executableTarget(
            name: name, dependencies: dependencies, path: "Tests/Fuzzers/\(name)")
    }
}

for target in package.targets where target.type != .system {
    target.swiftSettings = settings
}
