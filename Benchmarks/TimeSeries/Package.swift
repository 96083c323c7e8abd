// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "time-series-benchmark",
    dependencies: [.package(name: "martlet", path: "../..")],
    targets: [
        .executableTarget(
            name: "TimeSeriesBenchmark",
            dependencies: [.product(name: "MartletTSDB", package: "martlet")]
        )
    ],
    swiftLanguageModes: [.v6]
)
