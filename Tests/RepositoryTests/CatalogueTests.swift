import Foundation
import MartletPacks
import Testing

@Suite("Catalogue")
struct CatalogueTests {
    @Test func `the page lists what the packs define`() throws {
        let page = Catalogue.page()
        if ProcessInfo.processInfo.environment["MARTLET_WRITE_CATALOGUE"] != nil {
            let file = Repository.root.appending(path: "docs/guide/catalogue.md")
            try page.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(
            try Repository.text("docs/guide/catalogue.md") == page,
            "it is out of date; run MARTLET_WRITE_CATALOGUE=1 swift test --filter Catalogue"
        )
    }

    @Test func `each pack has the families it must have`() {
        let counts = Dictionary(uniqueKeysWithValues: Catalogue.packs.map { ($0.title, $0.families.count) })
        #expect(counts["Component pack"] == 70)
        #expect(counts["Actor pack"] == 71)
        #expect(counts["Process pack"] == 30)
        #expect((counts["Host pack"] ?? 0) + (counts["Container pack"] ?? 0) == 66)
    }

    @Test func `a family has a meaning, and the unit that its name ends in`() {
        for pack in Catalogue.packs {
            for family in pack.families {
                #expect(!family.help.isEmpty, "\(family.name)")
                let stem = family.name.hasSuffix("_total") ? String(family.name.dropLast(6)) : family.name
                for unit in ["seconds", "bytes", "hertz", "celsius"] {
                    #expect(stem.hasSuffix("_" + unit) == (family.unit == unit), "\(family.name)")
                }
            }
            #expect(Set(pack.families.map(\.name)).count == pack.families.count)
        }
    }
}
