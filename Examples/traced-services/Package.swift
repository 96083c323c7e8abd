// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "traced-services",
    dependencies: [.package(name: "martlet", path: "../..")],
    targets: [
        .executableTarget(
            name: "TracedServices",
            dependencies: [
                .product(name: "Martlet", package: "martlet"),
                .product(name: "MartletExport", package: "martlet"),
                .product(name: "MartletHTTPClient", package: "martlet"),
                .product(name: "MartletHTTPServer", package: "martlet"),
            ]
        )
    ],
    swiftLanguageModes: [.v6]
)
