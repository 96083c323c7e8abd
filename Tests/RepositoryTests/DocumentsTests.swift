import Foundation
import Testing

/// The files that a visitor of the repository expects, and that they are true.
@Suite("Documents")
struct DocumentsTests {
    @Test(arguments: [
        "README.md", "LICENSE", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "docs/architecture.md",
        "docs/status.md", "docs/decisions/README.md",
    ])
    func `the repository has its documents`(path: String) throws {
        #expect(try Repository.text(path).count > 200)
    }

    @Test func `links between documents lead somewhere`() throws {
        var documents = try Repository.files(below: "docs", ".md") + Repository.files(below: "Examples", ".md")
        documents += ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"]
        for path in documents {
            let folder = Repository.root.appending(path: path).deletingLastPathComponent()
            for match in try Repository.text(path).matches(of: #/\]\(([^)#:]+)(#[^)]*)?\)/#) {
                let target = folder.appending(path: String(match.1)).path
                #expect(FileManager.default.fileExists(atPath: target), "\(path) links to \(match.1)")
            }
        }
    }

    @Test func `docs architecture names every room`() throws {
        let page = try Repository.text("docs/architecture.md")
        for name in try ArchitectureTests.rooms().keys {
            #expect(page.contains(name), "\(name) is missing")
        }
    }

    @Test func `each requirement has one row with a state`() throws {
        let rows = try Repository.text("docs/status.md").matches(of: #/\n\| ([A-Z]{2}-\d+) \| (done|partial|open) \|/#)
        let identifiers = rows.map { String($0.1) }
        #expect(Set(identifiers).count == identifiers.count)
        #expect(identifiers.count == 457)
    }
}
