import MartletCore
import Testing

@Suite("LabelSet")
struct LabelSetTests {
    @Test func `sorts by name, keeps the last of a name and drops empty values`() {
        let set = LabelSet([Label("b", "2"), Label("a", "1"), Label("b", "3"), Label("c", "")])
        #expect(Array(set) == [Label("a", "1"), Label("b", "3")])
    }

    @Test func `sets, replaces and removes a label`() {
        let set: LabelSet = ["job": "api", "zone": "a"]
        #expect(set.setting("zone", to: "b")["zone"] == "b")
        #expect(set.setting("code", to: "200").map(\.name) == ["code", "job", "zone"])
        #expect(set.setting("job", to: nil).map(\.name) == ["zone"])
        #expect(set.setting("none", to: "") == set)
        #expect(set.removing(["job"]) == set.keeping(["zone"]))
    }

    @Test func `prints as PromQL writes a series`() {
        #expect(LabelSet(dictionaryLiteral: ("__name__", "up")).description == "up")
        #expect(LabelSet.empty.description == "{}")
        let set: LabelSet = ["__name__": "up", "job": "a\"b\\c\nd", "a.b": "1"]
        #expect(set.description == #"up{"a.b"="1", job="a\"b\\c\nd"}"#)
        #expect(LabelSet(dictionaryLiteral: ("__name__", "a.b")).description == #"{"a.b"}"#)
    }

    @Test func `suggests the nearest known word`() {
        let known = ["rate", "irate", "increase", "scrape_interval"]
        #expect(Suggestion.closest(to: "rat", among: known) == "rate")
        #expect(Suggestion.closest(to: "scrape_intervall", among: known) == "scrape_interval")
        #expect(Suggestion.closest(to: "nothing", among: known) == nil)
        #expect(Suggestion.closest(to: "", among: ["a"]) == "a")
    }
}
