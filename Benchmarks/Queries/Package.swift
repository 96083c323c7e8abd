// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "queries-benchmark",
    dependencies: [.package(name: "martlet", path: "../..")],
    targets: [
        .executableTarget(
            name: "PromQLBenchmark",
            dependencies: [
                .product(name: "MartletTSDB", package: "martlet"),
                .product(name: "MartletPromQL", package: "martlet"),
            ]
        )
    ],
    swiftLanguageModes: [.v6]
)
