// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "supervised-service",
    dependencies: [.package(name: "martlet", path: "../..")],
    targets: [
        .executableTarget(
            name: "SupervisedService",
            dependencies: [
                .product(name: "Martlet", package: "martlet"),
                .product(name: "MartletHTTPServer", package: "martlet"),
                .product(name: "MartletPacks", package: "martlet"),
            ]
        )
    ],
    swiftLanguageModes: [.v6]
)
