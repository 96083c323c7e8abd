import MartletCore
import MartletSearch

extension LogMetric {
    init?(reading reader: MappingReader) {
        let (name, query) = (reader.requiredString("name"), reader.requiredString("query"))
        let fields = reader.strings("by")
        let help = reader.string("help", default: "")
        guard let name, let query else { return nil }
        guard LabelSyntax.isLegacyMetricName(name), name.hasSuffix("_total") else {
            reader.report(
                "a counter's name has letters, digits and \"_\" and ends in _total; got \"\(name)\"",
                at: "name"
            )
            return nil
        }
        guard fields.count <= 8 else {
            reader.report("records can be counted by 8 fields at most", at: "by")
            return nil
        }
        do throws(SearchError) {
            guard try SearchExpression(parsing: query).stage == nil else {
                reader.report("what is counted is told by \"by\"; leave out the part behind the bar", at: "query")
                return nil
            }
        } catch {
            reader.report(error.description, at: "query")
            return nil
        }
        self.init(name, query: query, by: fields, help: help)
    }
}
