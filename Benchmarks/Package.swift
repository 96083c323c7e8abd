// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "martlet-benchmarks",
    dependencies: [.package(name: "martlet", path: "..")],
    targets: [
        .target(name: "CBarrier"),
        .target(name: "BenchmarkHarness", dependencies: ["CBarrier"]),
        .executableTarget(
            name: "InstrumentationBenchmarks",
            dependencies: [
                "BenchmarkHarness", "CBarrier", .product(name: "Martlet", package: "martlet"),
                .product(name: "MartletPacks", package: "martlet"),
            ]
        ),
        .executableTarget(
            name: "TracingBenchmarks",
            dependencies: [
                "BenchmarkHarness", "CBarrier", .product(name: "Martlet", package: "martlet"),
                .product(name: "MartletExport", package: "martlet"),
            ]
        ),
        .executableTarget(
            name: "TraceStoreBenchmarks",
            dependencies: [.product(name: "MartletTraceStore", package: "martlet")]
        ),
        .executableTarget(
            name: "LogStoreBenchmarks",
            dependencies: [.product(name: "MartletLogStore", package: "martlet")]
        ),
    ],
    swiftLanguageModes: [.v6]
)
