import MartletCore

/// The page that lists what packs export, made from their definitions.
public enum Catalogue {
    /// All packs that the page has, in its order.
    public static let packs: [PackDefinition] = [.component, .operations, .actors, .process, .host, .container]

    /// The page, as Markdown.
    ///
    /// - Parameter packs: What is listed.
    /// - Returns: The text, with a newline at its end.
    public static func page(_ packs: [PackDefinition] = packs) -> String {
        var text = """
            # Catalogue of packs

            What Martlet's packs export: name, kind, unit, labels and meaning of each family. This page is made from the
            packs' definitions by `MARTLET_WRITE_CATALOGUE=1 swift test --filter Catalogue`; a test fails when it is out
            of date.

            Units are base units; a number without one counts things or is a share from 0 through 1. The last column is
            the name that the semantic conventions of OpenTelemetry have for the same thing.

            | Pack | Families |
            | --- | --- |

            """
        for pack in packs {
            text += "| [\(pack.title)](#\(anchor(pack.title))) | \(pack.families.count) |\n"
        }
        for pack in packs {
            text += "\n## \(pack.title)\n\n\(pack.about)\n"
            if !pack.labels.isEmpty { text += "\nLabels of every series: \(list(pack.labels)).\n" }
            text +=
                "\n| Name | Kind | Unit | Labels | Meaning | OpenTelemetry |\n| --- | --- | --- | --- | --- | --- |\n"
            for family in pack.families {
                let name = family.semanticName.map { "`\($0)`" } ?? ""
                text += "| `\(family.name)` | \(family.type.rawValue) | \(family.unit) | \(list(family.labels)) "
                text += "| \(family.help) | \(name) |\n"
            }
        }
        return text
    }

    private static func list(_ names: [String]) -> String {
        names.map { "`\($0)`" }.joined(separator: ", ")
    }

    /// The place in the page that a heading's link leads to.
    private static func anchor(_ title: String) -> String {
        String(title.lowercased().map { $0 == " " ? "-" : $0 })
    }
}
