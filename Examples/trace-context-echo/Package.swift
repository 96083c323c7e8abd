// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "trace-context-echo",
    dependencies: [.package(name: "martlet", path: "../..")],
    targets: [
        .executableTarget(
            name: "TraceContextEcho",
            dependencies: [
                .product(name: "Martlet", package: "martlet"),
                .product(name: "MartletHTTPClient", package: "martlet"),
                .product(name: "MartletHTTPServer", package: "martlet"),
            ]
        )
    ],
    swiftLanguageModes: [.v6]
)
