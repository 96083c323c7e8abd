import MartletConfiguration
import Testing

@Suite("Relabelling rules in files")
struct RelabelRuleReadingTests {
    @Test func `a rule has Prometheus' defaults`() throws {
        let configuration = try load("scrape_configs: [{job_name: a, relabel_configs: [{target_label: x}]}]")
        let rule = configuration.scrapeConfigurations[0].relabelRules[0]
        #expect(rule == RelabelRule(.replace, to: "x"))
        #expect(rule.separator == ";")
        #expect(rule.regex == "(.*)")
        #expect(rule.replacement == "$1")
    }

    @Test func `all keys of a rule are read`() throws {
        let configuration = try load(
            """
            scrape_configs:
              - job_name: a
                metric_relabel_configs:
                  - {action: HashMod, source_labels: [a, b], separator: '', modulus: 8, target_label: shard}
                  - {action: drop, source_labels: [__name__], regex: 'go_.*'}
            """
        )
        let rules = configuration.scrapeConfigurations[0].metricRelabelRules
        #expect(rules[0] == RelabelRule(.hashMod, from: ["a", "b"], separator: "", modulus: 8, to: "shard"))
        #expect(rules[1].regex == "go_.*")
        #expect(rules[1].pattern?.matches("go_gc") == true)
        #expect(rules[1].action == .drop)
    }

    @Test(arguments: [
        ("{action: replce}", #"1:59: unknown relabel action "replce" (did you mean "replace"?)"#),
        ("{regex: '(', target_label: x}", #"1:58: invalid regular expression "(": missing ): ("#),
        ("{action: hashmod, target_label: x}", "1:50: relabel action hashmod needs a modulus above 0"),
        ("{action: replace}", "1:50: relabel action replace needs a target_label"),
        ("{action: labelkeep, regex: a, target_label: b}", "1:94: relabel action labelkeep takes no target_label"),
        ("{action: keepequal, target_label: a, regex: b}", "1:94: relabel action keepequal takes no regex"),
        ("{action: keep, regx: b}", #"1:65: unknown field "regx" (did you mean "regex"?)"#),
    ])
    func `a rule that makes no sense is reported`(rule: String, problem: String) {
        #expect(problems("scrape_configs: [{job_name: a, relabel_configs: [\(rule)]}]") == ["martlet.yml:\(problem)"])
    }
}
