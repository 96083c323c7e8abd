// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target is compiled alike: Swift 6 mode, strict memory safety, imports internal unless said otherwise.
let common: [SwiftSetting] = [
    .strictMemorySafety(),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
]

func module(_ zone: String, _ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/\(zone)/\(name)", swiftSettings: common)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: name,
        dependencies: dependencies,
        path: "Tests/\(name)",
        swiftSettings: [
            .enableUpcomingFeature("ExistentialAny")
        ]
    )
}

/// A C library of the system: a module map, a shim header and what to link, which all live in `Sources/System/<name>`.
func library(_ name: String) -> Target {
    .systemLibrary(name: name, path: "Sources/System/\(name)")
}

let instrumentation: [Target] = [
    .target(name: "CMartletCells", path: "Sources/Instrumentation/CMartletCells"),
    .target(name: "CMartletSpans", path: "Sources/Instrumentation/CMartletSpans"),
    module("Instrumentation", "MartletCore", ["CMartletSpans"]),
    module("Instrumentation", "MartletLogging", ["MartletCore", "CMartletCells"]),
    module("Instrumentation", "MartletMetrics", ["MartletCore", "CMartletCells"]),
    module("Instrumentation", "MartletTracing", ["MartletCore", "CMartletCells", "CMartletSpans"]),
    module("Instrumentation", "MartletHealth", ["MartletCore"]),
    .target(name: "CMartletHost", path: "Sources/Instrumentation/CMartletHost"),
    module(
        "Instrumentation",
        "MartletPacks",
        ["MartletCore", "MartletMetrics", "MartletTracing", "MartletLogging", "MartletHealth", "CMartletHost"]
    ),
    module("Instrumentation", "MartletTestKit", ["MartletCore", "MartletMetrics", "MartletTracing"]),
    .target(
        name: "Martlet",
        dependencies: [
            "MartletCore", "MartletMetrics", "MartletTracing", "MartletLogging", "MartletHealth", "MartletExposition",
        ],
        path: "Sources/Martlet",
        swiftSettings: common
    ),
]

let formats: [Target] = [
    module("Formats", "MartletProtobuf"),
    module("Formats", "MartletExposition", ["MartletCore", "MartletMetrics", "MartletProtobuf"]),
    module("Formats", "MartletBlocks", ["MartletCore"]),
    module("Formats", "MartletOTLP", ["MartletCore", "MartletProtobuf"]),
    module("Formats", "MartletJaeger", ["MartletCore", "MartletOTLP"]),
    module("Formats", "MartletLogFormats", ["MartletCore", "MartletOTLP", "MartletProtobuf"]),
    module("Formats", "MartletRemoteRead", ["MartletCore", "MartletProtobuf"]),
    module("Formats", "MartletRemoteWrite", ["MartletCore", "MartletProtobuf"]),
]

let engine: [Target] = [
    module("Engine", "MartletSeries", ["MartletCore"]),
    .target(name: "CMartletChecksum", path: "Sources/Engine/CMartletChecksum"),
    module("Engine", "MartletFiles", ["CMartletChecksum"]),
    module(
        "Engine",
        "MartletTSDB",
        ["MartletCore", "MartletMetrics", "MartletLogging", "MartletSeries", "MartletFiles"]
    ),
    module("Engine", "MartletEvents", ["MartletCore", "MartletLogging", "MartletFiles", "CMartletHost"]),
    module(
        "Engine",
        "MartletTraceStore",
        [
            "MartletCore", "MartletLogging", "MartletFiles", "MartletEvents", "MartletOTLP", "MartletSearch",
            "MartletSeries",
        ]
    ),
    module("Engine", "MartletAudit", ["MartletCore", "MartletLogging", "MartletFiles"]),
    module("Engine", "MartletSearch", ["MartletCore", "MartletSeries"]),
    module(
        "Engine",
        "MartletLogStore",
        [
            "MartletCore", "MartletLogging", "MartletFiles", "MartletEvents", "MartletOTLP", "MartletSearch",
            "MartletSeries",
        ]
    ),
    module("Engine", "MartletPromQL", ["MartletCore", "MartletMetrics", "MartletSeries"]),
    module(
        "Engine",
        "MartletAlerting",
        [
            "MartletCore", "MartletLogging", "MartletMetrics", "MartletSeries",
        ]
    ),
]

let system: [Target] = [
    library("CMicrohttpd"),
    library("CCurl"),
    library("CYAML"),
    library("CSnappy"),
    library("CZlib"),
    library("CZstd"),
    library("CSQLite"),
    library("CNghttp2"),
    library("CNettle"),
    .target(
        name: "CRE2",
        path: "Sources/System/CRE2",
        cxxSettings: [.define("NDEBUG", .when(configuration: .release))],
        linkerSettings: [.linkedLibrary("re2")]
    ),
    // Linked as archives: a server, which shows no screen, shall not load what only a terminal needs.
    .target(
        name: "CNcurses",
        path: "Sources/System/CNcurses",
        linkerSettings: [.linkedLibrary(":libncursesw.a"), .linkedLibrary(":libtinfo.a")]
    ),
    module("System", "MartletTerminal", ["CNcurses"]),
    module("System", "MartletHTTPServer", ["CMicrohttpd", "MartletCore", "MartletLogging"]),
    module(
        "System",
        "MartletGRPC",
        ["CNghttp2", "MartletCore", "MartletLogging", "MartletHTTPServer", "MartletCompression"]
    ),
    module("System", "MartletHTTPClient", ["CCurl", "MartletCore", "MartletLogging"]),
    module("System", "MartletYAML", ["CYAML"]),
    module("System", "MartletDigest", ["CNettle"]),
    module("System", "MartletSockets"),
    module("System", "MartletCompression", ["CSnappy", "CZlib", "CZstd"]),
    module("System", "MartletPatterns", ["CRE2", "MartletSeries"]),
    module(
        "System",
        "MartletExport",
        [
            "MartletCore", "MartletLogging", "MartletMetrics", "MartletTracing", "MartletHealth", "MartletExposition",
            "MartletOTLP", "MartletHTTPServer", "MartletHTTPClient", "MartletCompression",
        ]
    ),
    module("System", "MartletSQLite", ["CSQLite"]),
]

let server: [Target] = [
    module(
        "Server",
        "MartletConfiguration",
        ["MartletCore", "MartletSeries", "MartletSearch", "MartletAlerting", "MartletYAML"]
    ),
    module(
        "Server",
        "MartletScrape",
        [
            "MartletCore", "MartletMetrics", "MartletLogging", "MartletSeries", "MartletExposition",
            "MartletHTTPClient", "MartletYAML",
            "MartletConfiguration",
        ]
    ),
    module(
        "Server",
        "MartletNotify",
        [
            "MartletCore", "MartletLogging", "MartletSeries", "MartletAlerting", "MartletHTTPClient",
            "MartletConfiguration", "MartletSQLite",
        ]
    ),
    module(
        "Server",
        "MartletIngest",
        [
            "MartletCore", "MartletSeries", "MartletBlocks", "MartletCompression", "MartletExposition", "MartletOTLP",
            "MartletRemoteWrite",
        ]
    ),
    module(
        "Server",
        "MartletLogInputs",
        [
            "MartletCore", "MartletLogging", "MartletFiles", "MartletSeries", "MartletOTLP", "MartletLogFormats",
            "MartletSockets", "MartletPatterns",
        ]
    ),
    .target(name: "CMartletWeb", path: "Sources/Server/CMartletWeb", exclude: ["assets"]),
    module("Server", "MartletWeb", ["CMartletWeb", "MartletHTTPServer", "MartletCompression"]),
    module(
        "Server",
        "MartletServer",
        [
            "MartletCore", "MartletMetrics", "MartletLogging", "MartletHealth", "MartletPacks", "MartletExposition",
            "MartletIngest", "MartletOTLP", "MartletProtobuf", "MartletRemoteRead", "MartletRemoteWrite",
            "MartletSeries",
            "MartletTSDB", "MartletEvents", "MartletTraceStore", "MartletLogStore", "MartletSearch",
            "MartletPromQL", "MartletAlerting", "MartletHTTPServer", "MartletHTTPClient", "MartletGRPC", "MartletYAML",
            "MartletJaeger",
            "MartletCompression", "MartletPatterns", "MartletConfiguration", "MartletScrape", "MartletNotify",
            "MartletWeb", "CMartletHost", "MartletAudit", "MartletDigest", "MartletLogFormats", "MartletLogInputs",
            "MartletSockets", "MartletFiles",
        ]
    ),
    module("Server", "MartletDashboard", ["MartletCore", "MartletTerminal"]),
    .executableTarget(
        name: "MartletCommand",
        dependencies: [
            "MartletCore", "MartletLogging", "MartletMetrics", "MartletServer", "MartletConfiguration",
            "MartletCompression", "MartletExposition", "MartletHTTPClient", "MartletHTTPServer", "MartletIngest",
            "MartletPromQL", "MartletRemoteWrite", "MartletSeries", "MartletTSDB", "MartletOTLP", "MartletTraceStore",
            "MartletLogFormats", "MartletTerminal", "MartletDashboard", "CMartletHost",
        ],
        path: "Sources/Server/MartletCommand",
        swiftSettings: common
    ),
]

let testTargets: [Target] = [
    tests("LoggingTests", ["MartletCore", "MartletLogging"]),
    tests(
        "InstrumentationTests",
        [
            "MartletCore", "MartletLogging", "MartletMetrics", "MartletPacks", "MartletTestKit", "MartletExposition",
        ]
    ),
    tests(
        "TracingTests",
        [
            "MartletCore", "MartletTracing", "MartletLogging", "MartletMetrics", "MartletPacks", "MartletTestKit",
            "MartletExport", "MartletJaeger", "MartletOTLP", "MartletHTTPClient", "MartletHTTPServer",
            "MartletCompression",
        ]
    ),
    tests(
        "FormatsTests",
        [
            "MartletCore", "MartletBlocks", "MartletMetrics", "MartletExposition", "MartletOTLP", "MartletProtobuf",
            "MartletRemoteRead", "MartletRemoteWrite",
        ]
    ),
    tests("LogFormatsTests", ["MartletCore", "MartletLogFormats", "MartletOTLP", "MartletProtobuf"]),
    tests(
        "HealthTests",
        ["MartletCore", "MartletHealth", "MartletLogging", "MartletMetrics", "MartletPacks", "MartletTestKit"]
    ),
    .target(
        name: "StorageDoubles",
        dependencies: ["MartletFiles"],
        path: "Tests/StorageDoubles",
        swiftSettings: [.enableUpcomingFeature("InternalImportsByDefault"), .enableUpcomingFeature("ExistentialAny")]
    ),
    tests(
        "EventsTests",
        ["MartletCore", "MartletFiles", "MartletEvents", "MartletLogging", "MartletTestKit", "StorageDoubles"]
    ),
    tests(
        "AuditTests",
        [
            "MartletCore", "MartletFiles", "MartletLogging", "MartletAudit", "MartletDigest", "MartletTestKit",
            "StorageDoubles",
        ]
    ),
    tests(
        "TracingEngineTests",
        [
            "MartletCore", "MartletFiles", "MartletEvents", "MartletTraceStore", "MartletSearch", "MartletPatterns",
            "MartletOTLP", "MartletTestKit", "StorageDoubles",
        ]
    ),
    tests(
        "LogStoreTests",
        [
            "MartletCore", "MartletFiles", "MartletEvents", "MartletLogStore", "MartletSearch", "MartletOTLP",
            "MartletSeries", "MartletPatterns", "MartletSQLite", "MartletLogging", "MartletTestKit",
            "MartletCompression",
            "StorageDoubles",
        ]
    ),
    tests(
        "TSDBTests",
        [
            "MartletCore", "MartletFiles", "MartletLogging", "MartletPatterns", "MartletPromQL", "MartletSeries",
            "MartletTSDB", "MartletTestKit", "StorageDoubles",
        ]
    ),
    .target(
        name: "PromQLScripts",
        dependencies: ["MartletCore", "MartletSeries", "MartletPromQL", "MartletPatterns"],
        path: "Tests/PromQLScripts",
        swiftSettings: [.enableUpcomingFeature("InternalImportsByDefault"), .enableUpcomingFeature("ExistentialAny")]
    ),
    .executableTarget(name: "promql-fuzz", dependencies: ["PromQLScripts"], path: "Tests/PromQLFuzz"),
    .executableTarget(
        name: "otlp-fuzz",
        dependencies: ["MartletCore", "MartletJaeger", "MartletOTLP"],
        path: "Tests/OTLPFuzz"
    ),
    tests("PromQLTests", ["MartletCore", "MartletSeries", "MartletPromQL", "MartletPatterns", "PromQLScripts"]),
    .testTarget(
        name: "ConformanceTests",
        dependencies: [
            "MartletCore", "MartletSeries", "MartletPromQL", "MartletPatterns", "MartletExposition", "MartletAlerting",
            "MartletConfiguration",
            "PromQLScripts",
        ],
        path: "Tests/Conformance",
        swiftSettings: [.enableUpcomingFeature("ExistentialAny")]
    ),
    tests(
        "AlertingTests",
        [
            "MartletCore", "MartletSeries", "MartletPromQL", "MartletAlerting", "MartletNotify", "MartletConfiguration",
            "MartletHTTPServer", "MartletHTTPClient", "MartletPatterns", "MartletTestKit", "MartletSQLite",
        ]
    ),
    tests(
        "ConditionTests",
        [
            "MartletCore", "MartletSeries", "MartletMetrics", "MartletLogging", "MartletHealth", "MartletPacks",
            "MartletAlerting", "MartletPromQL", "MartletPatterns", "MartletConfiguration", "MartletYAML",
            "MartletTestKit",
        ]
    ),
    tests(
        "SystemTests",
        [
            "MartletCore", "MartletSeries", "MartletHTTPServer", "MartletHTTPClient", "MartletYAML",
            "MartletCompression",
            "MartletPatterns", "MartletSQLite", "MartletExport", "MartletExposition", "MartletHealth", "MartletMetrics",
            "MartletLogging", "MartletTestKit",
        ]
    ),
    tests(
        "ConfigurationTests",
        ["MartletAlerting", "MartletCore", "MartletConfiguration", "MartletYAML", "MartletPatterns", "MartletSeries"]
    ),
    tests(
        "ScrapeTests",
        [
            "MartletCore", "MartletSeries", "MartletScrape", "MartletConfiguration", "MartletHTTPServer",
            "MartletHTTPClient", "MartletPatterns", "MartletCompression", "MartletTestKit", "MartletExposition",
            "MartletLogging", "MartletMetrics",
        ]
    ),
    tests(
        "IngestTests",
        [
            "MartletCore", "MartletIngest", "MartletOTLP", "MartletRemoteWrite", "MartletSeries", "MartletTSDB",
            "MartletCompression", "MartletTestKit", "MartletPatterns", "MartletLogging",
        ]
    ),
    tests(
        "ServerTests",
        [
            "MartletCore", "MartletHealth", "MartletServer", "MartletHTTPServer", "MartletConfiguration",
            "MartletAlerting",
            "MartletEvents", "MartletLogging", "MartletMetrics", "MartletOTLP", "MartletPatterns", "MartletPromQL",
            "MartletSeries", "MartletTSDB", "MartletWeb",
        ]
    ),
    tests(
        "LogInputTests",
        [
            "MartletCore", "MartletLogging", "MartletOTLP", "MartletLogFormats", "MartletLogInputs", "MartletSockets",
            "MartletPatterns", "MartletTestKit",
        ]
    ),
    tests("WebTests", ["MartletWeb", "MartletHTTPServer", "MartletCompression"]),
    tests("GRPCTests", ["MartletGRPC", "MartletHTTPServer", "MartletCompression", "CNghttp2"]),
    tests("RepositoryTests", ["MartletPacks"]),
    tests("TerminalTests", ["MartletCore", "MartletTerminal", "MartletDashboard"]),
    // Examples that tests run; each has a package of its own for its readers.
    .executableTarget(
        name: "TraceContextEcho",
        dependencies: ["Martlet", "MartletHTTPClient", "MartletHTTPServer"],
        path: "Examples/trace-context-echo/Sources/TraceContextEcho"
    ),
    .executableTarget(
        name: "TracedServices",
        dependencies: ["Martlet", "MartletExport", "MartletHTTPClient", "MartletHTTPServer"],
        path: "Examples/traced-services/Sources/TracedServices"
    ),
    tests(
        "EndToEndTests",
        [
            "MartletHTTPServer", "MartletCore", "MartletRemoteWrite", "MartletCompression", "MartletHTTPClient",
            "MartletMetrics", "MartletExposition", "MartletExport", "MartletPacks", "MartletEvents", "MartletLogStore",
            "MartletOTLP", "MartletPatterns", "MartletHealth", "MartletLogging",
        ]
    ),
]

let libraryProducts: [Product] = [
    .library(name: "Martlet", targets: ["Martlet"]),
    .library(name: "MartletPacks", targets: ["MartletPacks"]),
    .library(name: "MartletTestKit", targets: ["MartletTestKit"]),
]

/// `MARTLET_PART=library` leaves out all but what a service links and its tests, for a sanitizer's build or the benchmarks.
let isLibraryOnly = Context.environment["MARTLET_PART"] == "library"
let libraryTests: Set = ["InstrumentationTests", "LoggingTests", "FormatsTests", "HealthTests"]

let package = Package(
    name: "martlet",
    products: libraryProducts
        + (isLibraryOnly
            ? []
            : [
                .library(name: "MartletAlerting", targets: ["MartletAlerting"]),
                .library(name: "MartletServer", targets: ["MartletServer"]),
                .library(name: "MartletHTTPServer", targets: ["MartletHTTPServer"]),
                .library(name: "MartletHTTPClient", targets: ["MartletHTTPClient"]),
                .library(name: "MartletExport", targets: ["MartletExport", "MartletOTLP"]),
                .library(
                    name: "MartletPromQL",
                    targets: ["MartletPromQL", "MartletSeries", "MartletCore", "MartletPatterns"]
                ),
                .library(name: "MartletTSDB", targets: ["MartletTSDB", "MartletSeries", "MartletCore"]),
                .library(
                    name: "MartletTraceStore",
                    targets: [
                        "MartletTraceStore", "MartletSearch", "MartletEvents", "MartletOTLP", "MartletPatterns",
                        "MartletCore",
                    ]
                ),
                .library(
                    name: "MartletLogStore",
                    targets: [
                        "MartletLogStore", "MartletSearch", "MartletEvents", "MartletOTLP", "MartletPatterns",
                        "MartletCompression", "MartletCore",
                    ]
                ),
                .executable(name: "martlet", targets: ["MartletCommand"]),
            ]),
    targets: instrumentation + formats
        + (isLibraryOnly
            ? testTargets.filter { libraryTests.contains($0.name) } : engine + system + server + testTargets),
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
