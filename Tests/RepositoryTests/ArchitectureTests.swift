import Foundation
import Testing

/// Holds the imports of all sources against the picture in docs/architecture.md.
@Suite("Architecture")
struct ArchitectureTests {
    /// A room under Sources, its zone, and the modules its files import.
    struct Room {
        let zone: String
        let name: String
        var imports: Set<String> = []
    }

    /// Which zones a zone may stand on.
    static let allowed: [String: Set<String>] = [
        "Instrumentation": ["Instrumentation"],
        "Formats": ["Formats", "Instrumentation"],
        "Engine": ["Engine", "Formats", "Instrumentation"],
        "System": ["System", "Instrumentation"],
        "Server": ["Server", "Engine", "Formats", "System", "Instrumentation"],
        "Martlet": ["Instrumentation", "Formats"],
    ]

    static func rooms() throws -> [String: Room] {
        var rooms: [String: Room] = [:]
        for path in try Repository.files(below: "Sources", ".swift", ".h", ".c", ".cpp", ".modulemap") {
            let parts = path.split(separator: "/").map(String.init)
            let (zone, name) = parts[1] == "Martlet" ? ("Martlet", "Martlet") : (parts[1], parts[2])
            var room = rooms[name] ?? Room(zone: zone, name: name)
            if path.hasSuffix(".swift") {
                for line in try Repository.text(path).split(separator: "\n") {
                    let words = line.split(separator: " ")
                    guard let place = words.firstIndex(of: "import"), words.indices.contains(place + 1),
                        words[..<place].allSatisfy({
                            ["public", "internal", "private", "package", "fileprivate"].contains($0)
                                || $0.hasPrefix("@")
                        })
                    else { continue }
                    room.imports.insert(String(words[place + 1]))
                }
            }
            rooms[name] = room
        }
        return rooms
    }

    @Test func `arrows between zones point down`() throws {
        let rooms = try Self.rooms()
        #expect(rooms.count > 15)
        for room in rooms.values {
            for name in room.imports {
                guard let target = rooms[name] else { continue }
                // The engine declares its ports there, and System implements some of them.
                if room.zone == "System", name == "MartletSeries" { continue }
                // What a service sends off is put into its format first.
                if room.name == "MartletExport", target.zone == "Formats" { continue }
                let zones = try #require(Self.allowed[room.zone], "unknown zone \(room.zone)")
                #expect(zones.contains(target.zone), "\(room.name) (\(room.zone)) imports \(name) (\(target.zone))")
            }
        }
    }

    @Test func `only System touches C libraries`() throws {
        let rooms = try Self.rooms()
        let libraries = Set(rooms.values.filter { $0.zone == "System" && $0.name.hasPrefix("C") }.map(\.name))
        #expect(libraries.contains("CMicrohttpd"))
        for room in rooms.values where room.zone != "System" {
            #expect(room.imports.isDisjoint(with: libraries), "\(room.name)")
        }
    }

    @Test func `Foundation stays out, but for FoundationEssentials in Server`() throws {
        for room in try Self.rooms().values {
            #expect(!room.imports.contains("Foundation"), "\(room.name)")
            #expect(room.zone == "Server" || !room.imports.contains("FoundationEssentials"), "\(room.name)")
        }
    }

    @Test(arguments: [
        ("MartletTSDB", "MartletPromQL"), ("MartletPromQL", "MartletTSDB"), ("MartletMetrics", "MartletLogging"),
        ("MartletLogging", "MartletMetrics"), ("MartletHealth", "MartletMetrics"), ("MartletHealth", "MartletLogging"),
        ("MartletMetrics", "MartletHealth"), ("MartletLogging", "MartletHealth"), ("MartletTracing", "MartletMetrics"),
        ("MartletTracing", "MartletLogging"), ("MartletTracing", "MartletHealth"), ("MartletMetrics", "MartletTracing"),
        ("MartletLogging", "MartletTracing"), ("MartletHealth", "MartletTracing"),
    ])
    func `some neighbours never import one another`(room: String, other: String) throws {
        let rooms = try Self.rooms()
        #expect(try !#require(rooms[room]).imports.contains(other))
    }

    @Test func `no source file is over 600 lines`() throws {
        for path in try Repository.files(below: "Sources", ".swift") {
            let lines = try Repository.text(path).split(separator: "\n", omittingEmptySubsequences: false).count
            #expect(lines <= 600, "\(path) has \(lines) lines: is it one idea?")
        }
    }
}
