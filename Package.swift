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
    module("Instrumentation", "MartletCore"),
    module("Instrumentation", "MartletLogging", ["MartletCore"]),
    module("Instrumentation", "MartletMetrics", ["MartletCore", "CMartletCells"]),
    module("Instrumentation", "MartletPacks", ["MartletCore", "MartletMetrics"]),
    module("Instrumentation", "MartletTestKit", ["MartletCore", "MartletMetrics"]),
    .target(
        name: "Martlet",
        dependencies: ["MartletCore", "MartletMetrics", "MartletExposition"],
        path: "Sources/Martlet",
        swiftSettings: common
    ),
]

let formats: [Target] = [
    module("Formats", "MartletExposition", ["MartletCore", "MartletMetrics"]),
    module("Formats", "MartletRemoteWrite", ["MartletCore"]),
]

let engine: [Target] = [
    module("Engine", "MartletSeries", ["MartletCore"]),
    module("Engine", "MartletTSDB", ["MartletCore", "MartletMetrics", "MartletLogging", "MartletSeries"]),
    module("Engine", "MartletPromQL", ["MartletCore", "MartletMetrics", "MartletSeries"]),
    module(
        "Engine",
        "MartletAlerting",
        [
            "MartletCore", "MartletLogging", "MartletSeries",
        ]
    ),
]

let system: [Target] = [
    library("CMicrohttpd"),
    library("CCurl"),
    library("CYAML"),
    library("CSnappy"),
    library("CZlib"),
    .target(
        name: "CRE2",
        path: "Sources/System/CRE2",
        cxxSettings: [.define("NDEBUG", .when(configuration: .release))],
        linkerSettings: [.linkedLibrary("re2")]
    ),
    module("System", "MartletHTTPServer", ["CMicrohttpd", "MartletCore", "MartletLogging"]),
    module("System", "MartletHTTPClient", ["CCurl", "MartletCore", "MartletLogging"]),
    module("System", "MartletYAML", ["CYAML"]),
    module("System", "MartletCompression", ["CSnappy", "CZlib"]),
    module("System", "MartletPatterns", ["CRE2", "MartletSeries"]),
]

let server: [Target] = [
    module("Server", "MartletConfiguration", ["MartletCore", "MartletSeries", "MartletAlerting", "MartletYAML"]),
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
            "MartletCore", "MartletLogging", "MartletAlerting", "MartletHTTPClient", "MartletConfiguration",
        ]
    ),
    .target(name: "CMartletWeb", path: "Sources/Server/CMartletWeb", exclude: ["assets"]),
    module("Server", "MartletWeb", ["CMartletWeb", "MartletHTTPServer", "MartletCompression"]),
    module(
        "Server",
        "MartletServer",
        [
            "MartletCore", "MartletMetrics", "MartletLogging", "MartletPacks", "MartletExposition",
            "MartletRemoteWrite",
            "MartletSeries",
            "MartletTSDB", "MartletPromQL", "MartletAlerting", "MartletHTTPServer", "MartletHTTPClient", "MartletYAML",
            "MartletCompression", "MartletPatterns", "MartletConfiguration", "MartletScrape", "MartletNotify",
            "MartletWeb",
        ]
    ),
    .executableTarget(
        name: "MartletCommand",
        dependencies: [
            "MartletCore", "MartletLogging", "MartletMetrics", "MartletServer", "MartletConfiguration",
            "MartletExposition", "MartletHTTPClient", "MartletHTTPServer",
        ],
        path: "Sources/Server/MartletCommand",
        swiftSettings: common
    ),
]

let testTargets: [Target] = [
    tests(
        "InstrumentationTests",
        [
            "MartletCore", "MartletLogging", "MartletMetrics", "MartletPacks", "MartletTestKit", "MartletExposition",
        ]
    ),
    tests("FormatsTests", ["MartletCore", "MartletMetrics", "MartletExposition", "MartletRemoteWrite"]),
    tests(
        "TSDBTests",
        ["MartletCore", "MartletLogging", "MartletSeries", "MartletTSDB", "MartletTestKit", "MartletPatterns"]
    ),
    tests("PromQLTests", ["MartletCore", "MartletSeries", "MartletPromQL", "MartletPatterns"]),
    tests(
        "AlertingTests",
        [
            "MartletCore", "MartletSeries", "MartletPromQL", "MartletAlerting", "MartletNotify", "MartletConfiguration",
            "MartletHTTPServer", "MartletHTTPClient", "MartletPatterns", "MartletTestKit",
        ]
    ),
    tests(
        "SystemTests",
        [
            "MartletCore", "MartletSeries", "MartletHTTPServer", "MartletHTTPClient", "MartletYAML",
            "MartletCompression",
            "MartletPatterns",
        ]
    ),
    tests(
        "ConfigurationTests",
        ["MartletCore", "MartletConfiguration", "MartletYAML", "MartletPatterns", "MartletSeries"]
    ),
    tests(
        "ScrapeTests",
        [
            "MartletCore", "MartletSeries", "MartletScrape", "MartletConfiguration", "MartletHTTPServer",
            "MartletHTTPClient", "MartletPatterns", "MartletCompression", "MartletTestKit", "MartletExposition",
            "MartletLogging",
        ]
    ),
    tests("ServerTests", ["MartletCore", "MartletServer", "MartletHTTPServer", "MartletConfiguration"]),
    tests("WebTests", ["MartletWeb", "MartletHTTPServer", "MartletCompression"]),
    tests("RepositoryTests", []),
    tests(
        "EndToEndTests",
        ["MartletHTTPServer", "MartletCore", "MartletRemoteWrite", "MartletCompression", "MartletHTTPClient"]
    ),
]

let package = Package(
    name: "martlet",
    products: [
        .library(name: "Martlet", targets: ["Martlet"]),
        .library(name: "MartletPacks", targets: ["MartletPacks"]),
        .library(name: "MartletTestKit", targets: ["MartletTestKit"]),
        .library(name: "MartletServer", targets: ["MartletServer"]),
        .library(name: "MartletHTTPServer", targets: ["MartletHTTPServer"]),
        .library(name: "MartletTSDB", targets: ["MartletTSDB", "MartletSeries", "MartletCore"]),
        .executable(name: "martlet", targets: ["MartletCommand"]),
    ],
    targets: instrumentation + formats + engine + system + server + testTargets,
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
