import Foundation
import MartletCore
import MartletPatterns
import MartletSeries
import Testing

@testable import MartletAlerting

@Suite("Templates")
struct TemplateTests {
    static let context: TemplateContext = {
        var context = TemplateContext(
            time: 1_435_065_584_128,
            externalURL: "http://testhost:9090/path/prefix",
            patterns: RE2Patterns()
        ) { expression throws(RuleQueryError) in
            guard expression != "bad" else { throw RuleQueryError("1:1: parse error: bad") }
            guard expression != "none" else { return [] }
            return [
                RuleSample(labels: ["__name__": "metric", "instance": "b", "__value__": "text"], value: 21),
                RuleSample(labels: ["__name__": "metric", "instance": "a"], value: 11),
            ]
        }
        context.setAlert(
            labels: ["instance": "db-1.example.com:9100", "job": "node"],
            value: 0.975,
            externalLabels: ["region": "eu"]
        )
        return context
    }()

    static func expand(_ source: String) throws -> String {
        try Template(source, name: "test").expand(context)
    }

    @Test(arguments: [
        ("plain text", "plain text"),
        ("{{ 1 }}{{- \" a \" -}}  b", "1 a b"),
        ("x {{- /* comment */ -}} y", "xy"),
        ("{{/* comment */}}x", "x"),
        ("{{ $labels.instance }} of {{ .Labels.job }}{{ $labels.missing }}", "db-1.example.com:9100 of node"),
        (
            "{{ $value }} {{ .Value }} {{ $externalLabels.region }} {{ $externalURL }}",
            "0.975 0.975 eu http://testhost:9090/path/prefix"
        ),
        ("{{ if gt $value 0.9 }}high{{ else if gt $value 0.5 }}middle{{ else }}low{{ end }}", "high"),
        ("{{ if gt $value 0.99 }}high{{ else if gt $value 0.5 }}middle{{ else }}low{{ end }}", "middle"),
        ("{{ if false }}a{{ else }}b{{ end }}", "b"),
        ("{{ with $labels.job }}[{{ . }}]{{ end }}{{ with $labels.nope }}x{{ else }}y{{ end }}", "[node]y"),
        ("{{ with $labels.nope }}x{{ else with $labels.job }}{{ . }}{{ end }}", "node"),
        ("{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $y := 3 }}{{ end }}{{ $x }}", "2"),
        ("{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ end }}{{ $x }}", "1"),
        ("{{ range $name, $v := $labels }}{{ $name }}={{ $v }};{{ end }}", "instance=db-1.example.com:9100;job=node;"),
        ("{{ range query \"metric\" }}{{ .Labels.instance }}:{{ .Value }} {{ end }}", "b:21 a:11 "),
        ("{{ range query \"none\" }}x{{ else }}none{{ end }}", "none"),
        ("{{ range $i, $e := query \"metric\" }}{{ $i }}{{ end }}", "01"),
        ("{{ range 3 }}{{ . }}{{ end }}", "012"),
        (
            "{{ range $i := 5 }}{{ if eq $i 1 }}{{ continue }}{{ end }}{{ if eq $i 3 }}{{ break }}{{ end }}{{ $i }}{{ end }}",
            "02"
        ),
        ("{{ query \"metric\" | first | value }}", "21"),
        ("{{ query \"metric\" | first | label \"instance\" }}", "b"),
        ("{{ query \"metric\" | sortByLabel \"instance\" | first | label \"instance\" }}", "a"),
        ("{{ query \"metric\" | first | strvalue }}", "text"),
        ("{{ define \"x\" }}<{{ . }}>{{ end }}{{ template \"x\" 5 }}{{ template \"x\" }}", "<5><<no value>>"),
        ("{{ block \"x\" 7 }}[{{ . }}]{{ end }}", "[7]"),
        ("{{ (1435065584.128 | toTime).Year }} {{ (now | toTime).Weekday }} {{ (toTime 0).Unix }}", "2015 Tuesday 0"),
        (
            "{{ (toTime 1435065584).Format \"Mon Jan _2 15:04:05 MST 2006, 3PM 01/02/06 .000\" }}",
            "Tue Jun 23 13:19:44 UTC 2015, 1PM 06/23/15 .000"
        ),
        (
            "{{ (toDuration 90061.5).String }} {{ (toDuration 0.25).String }} {{ (toDuration 60).Minutes }}",
            "25h1m1.5s 250ms 1"
        ),
        ("{{ \"a\" | printf \"%s-%s\" \"b\" }}", "b-a"),
        ("{{ and 1 0 }}{{ and 1 2 }}{{ or 0 3 }}{{ or 0 \"\" }}|{{ not true }}", "023|false"),
        ("{{ and false (index nil 1) }}{{ or true (first nil) }}", "falsetrue"),
        (
            "{{ eq 1 2 1 }}{{ ne \"a\" \"b\" }}{{ lt 1.5 2.5 }}{{ le 2 2 }}{{ gt \"b\" \"a\" }}{{ ge 1 2 }}",
            "truetruetruetruetruefalse"
        ),
        (
            "{{ len \"héllo\" }}{{ len $labels }}{{ index $labels \"job\" }}{{ slice \"abcdef\" 1 3 }}{{ index \"a\" 0 }}",
            "62nodebc97"
        ),
        ("{{ print 1 2 \"x\" 3 }}|{{ println 1 \"x\" }}|", "1 2x3|1 x\n|"),
        ("{{ html \"<a href='x'>&\\\"\" }}", "&lt;a href=&#39;x&#39;&gt;&amp;&#34;"),
        ("{{ js \"<'\\n\" }}{{ urlquery \"a b&c=ü\" }}", "\\u003C\\'\\u000Aa+b%26c%3D%C3%BC"),
        ("{{ 'a' }} {{ 0x1F }} {{ 1_000 }} {{ 1e6 }} {{ 1.5 }} {{ -3 }} {{ true }}", "97 31 1000 1e+06 1.5 -3 true"),
        ("{{ `raw \\n` }}{{ \"\\u00e9\\x41\\101\\t\" }}", "raw \\néAA\t"),
        ("{{ \"instance down\" | title }} {{ toUpper \"a\" }}{{ toLower \"B\" }}", "Instance Down Ab"),
        ("{{ match \"a.c\" \"xabcx\" }}{{ match \"^b\" \"ab\" }}", "truefalse"),
        ("{{ reReplaceAll \"(.*):9100\" \"$1\" \"db:9100\" }}", "db"),
        (
            "{{ \"db-1.example.com:80\" | stripDomain }} {{ \"::1\" | stripDomain }} {{ \"1.2.3.4:5\" | stripDomain }}",
            "db-1:80 ::1 1.2.3.4:5"
        ),
        (
            "{{ graphLink \"up == 0\" }} {{ tableLink \"up\" }}",
            "/graph?g0.expr=up+%3D%3D+0&g0.tab=0 /graph?g0.expr=up&g0.tab=1"
        ),
        ("{{ externalURL }} {{ pathPrefix }}", "http://testhost:9090/path/prefix /path/prefix"),
        ("{{ safeHtml \"<b>\" }}{{ now }}", "<b>1.435065584128e+09"),
        ("{{ $labels }}", "map[instance:db-1.example.com:9100 job:node]"),
        ("{{ (args 1 \"x\").arg1 }}{{ (args 1).arg9 }}", "x<no value>"),
        ("{{ parseDuration \"1m\" }}", "60"),
        ("{{ \"a{b\" }}{ } }}", "a{b{ } }}"),
    ])
    func `carries actions out`(source: String, result: String) throws {
        #expect(try Self.expand(source) == result)
    }

    @Test(arguments: [
        ("humanize", "0", "0"), ("humanize", "1234567", "1.235M"), ("humanize", "-999", "-999"),
        ("humanize", "0.00001234", "12.34u"), ("humanize", "1e30", "1e+06Y"), ("humanize", "1", "1"),
        ("humanize", "99999.5", "100k"), ("humanize", "0.1", "100m"),
        ("humanize1024", "1048576", "1Mi"), ("humanize1024", "1", "1"), ("humanize1024", "1500", "1.465ki"),
        ("humanizeDuration", "0", "0s"), ("humanizeDuration", "0.0015", "1.5ms"), ("humanizeDuration", "59.9", "59.9s"),
        ("humanizeDuration", "3661", "1h 1m 1s"), ("humanizeDuration", "-90061", "-1d 1h 1m 1s"),
        ("humanizeDuration", "61", "1m 1s"), ("humanizePercentage", "0.97512", "97.51%"),
        ("humanizeTimestamp", "0", "1970-01-01 00:00:00 +0000 UTC"),
    ])
    func `shows numbers for people`(function: String, number: String, result: String) throws {
        #expect(try Self.expand("{{ \(function) \(number) }}") == result)
        #expect(try Self.expand("{{ \"\(number)\" | \(function) }}") == result)
    }

    @Test(arguments: [
        ("%d|%5d|%-5d|%05d|%+d|%x|%X|%#x|%o|%b|%c|%U", "42|   42|42   |00042|+42|2a|2A|0x2a|52|101010|*|U+002A"),
        ("%v|%q|%T", "42|'*'|int"),
        (
            "%%",
            "%%!(EXTRA int=42, int=42, int=42, int=42, int=42, int=42, int=42, int=42, int=42, int=42, int=42, int=42)"
        ),
        ("%s", "%!s(int=42)"), ("%f", "%!f(int=42)"), ("%", "%!(NOVERB)"),
    ])
    func `prints whole numbers as Go does`(format: String, result: String) {
        let verbs = max(1, format.filter { $0 == "%" }.count)
        let count = format == "%%" ? 12 : verbs
        let text = TemplatePrintf.string(format, Array(repeating: .integer(42), count: count))
        #expect(format == "%" ? text == result : text == result)
    }

    @Test(arguments: [
        ("%f", 1.0 / 3, "0.333333"), ("%.2f", 2.675, "2.67"), ("%.0f", 0.5, "0"), ("%.0f", 1.5, "2"),
        ("%.1f", 0.25, "0.2"),
        ("%8.3f|", 3.14159, "   3.142|"), ("%-8.1f|", 3.14159, "3.1     |"), ("%08.2f", -3.14159, "-0003.14"),
        ("%e", 123456.789, "1.234568e+05"), ("%.3g", 0.00001234, "1.23e-05"), ("%g", 1e100, "1e+100"),
        ("%g", 0.1, "0.1"),
        ("%v", 1234567.0, "1.234567e+06"), ("%v", 123456.0, "123456"), ("%v", .infinity, "+Inf"), ("%v", .nan, "NaN"),
        ("%.4g", 123456.0, "1.235e+05"), ("%.4g", 9999.5, "1e+04"), ("%.20f", 0.1, "0.10000000000000000555"),
        ("%f", 1e21, "1000000000000000000000.000000"), ("%.3e", 0.0, "0.000e+00"), ("%G", 1e-7, "1E-07"),
        ("%+.1f", 2.0, "+2.0"),
        ("%.2f", Double.leastNonzeroMagnitude, "0.00"), ("%d", 1.5, "%!d(float64=1.5)"), ("%v", -0.0, "-0"),
    ])
    func `prints fractions as Go does`(format: String, number: Double, result: String) {
        #expect(TemplatePrintf.string(format, [.float(number)]) == result)
    }

    @Test(arguments: [
        ("%s|%10s|%-4s|%.2s|%q|%x", "ab", "ab|        ab|ab  |ab|\"ab\"|6162"), ("%d", "ab", "%!d(string=ab)"),
        ("%t", "ab", "%!t(string=ab)"),
    ])
    func `prints texts as Go does`(format: String, text: String, result: String) {
        let arguments = Array(repeating: TemplateValue.string(text), count: format.filter { $0 == "%" }.count)
        #expect(TemplatePrintf.string(format, arguments) == result)
    }

    @Test func `marks missing and surplus arguments`() {
        #expect(TemplatePrintf.string("%d %d", [.integer(1)]) == "1 %!d(MISSING)")
        #expect(TemplatePrintf.string("x", [.integer(1), .none]) == "x%!(EXTRA int=1, <nil>)")
        #expect(
            TemplatePrintf.string("%*d|%-*d|", [.integer(4), .integer(1), .integer(3), .integer(2)]) == "   1|2  |"
        )
        #expect(TemplatePrintf.string("%999999999d", [.integer(1)]).utf8.count == 1000)
        #expect(TemplatePrintf.string("%t %v %s", [.bool(true), .none, .none]) == "true <nil> %!s(<nil>)")
    }

    @Test(arguments: [
        ("{{ $label.foo }}", 1, 4, "undefined variable \"$label\" (did you mean \"$labels\"?)"),
        ("a\n  {{ humanise 1 }}", 2, 6, "function \"humanise\" not defined (did you mean \"humanize\"?)"),
        ("{{ if true }}", 1, 14, "unexpected end of the template: {{end}} is missing"),
        ("{{ end }}", 1, 4, "unexpected {{end}}"),
        ("{{ else }}", 1, 4, "unexpected {{else}}"),
        ("{{ }}", 1, 4, "missing value for command"),
        ("{{ 1 | }}", 1, 8, "missing command after \"|\" in command"),
        ("{{ 1 | 2 }}", 1, 8, "non executable command in pipeline stage 2"),
        ("{{ \"a }}", 1, 4, "unterminated quoted string"),
        ("{{ `a }}", 1, 4, "unterminated raw quoted string"),
        ("{{ (1 }}", 1, 7, "unclosed left paren"),
        ("{{ 1) }}", 1, 5, "unexpected right paren"),
        ("{{ 1", 1, 1, "unclosed action"),
        ("{{/* a", 1, 1, "unclosed comment"),
        ("{{ 1x }}", 1, 4, "bad number syntax: \"1x\""),
        ("{{ $x = 1 }}", 1, 4, "undefined variable \"$x\""),
        ("{{ break }}", 1, 4, "{{break}} outside {{range}}"),
        ("{{ template x }}", 1, 13, "unexpected \"x\" in template clause"),
        ("{{ define \"a\" }}{{ $labels }}{{ end }}", 1, 20, "undefined variable \"$labels\""),
        ("{{ # }}", 1, 4, "unrecognized character in action: U+0023"),
        ("{{ \"\\q\" }}", 1, 5, "unknown escape sequence \"\\q\""),
        ("{{ nil.x }}", 1, 7, "unexpected \".x\" after a term that has no fields"),
        ("{{ range $a, $b, $c := . }}{{ end }}", 1, 16, "too many declarations in range"),
    ])
    func `names the place of a mistake`(source: String, line: Int, column: Int, message: String) {
        #expect(throws: TemplateError(name: "test", line: line, column: column, message: message)) {
            try Template(source, name: "test")
        }
    }

    @Test(arguments: [
        ("{{ humanize \"one\" }}", 1, 4, "error calling humanize: strconv.ParseFloat: parsing \"one\": invalid syntax"),
        ("{{ .Nope }}", 1, 4, "can't evaluate field Nope in type AlertTemplateData"),
        ("{{ .Labels.a.b }}", 1, 4, "can't evaluate field b in type string"),
        ("{{ query \"bad\" }}", 1, 4, "error calling query: 1:1: parse error: bad"),
        ("{{ first (query \"none\") }}", 1, 4, "error calling first: first() called on vector with no elements"),
        ("{{ gt $value 1 }}", 1, 4, "error calling gt: incompatible types for comparison"),
        ("{{ lt true false }}", 1, 4, "error calling lt: invalid type for comparison"),
        ("{{ template \"none\" }}", 1, 4, "template \"none\" not defined"),
        ("{{ humanize }}", 1, 4, "error calling humanize: wrong number of args for humanize: want 1 got 0"),
        (
            "{{ match \"(\" \"a\" }}", 1, 4,
            "error calling match: bad regular expression \"(\": missing ): ("
        ),
        ("{{ 1 2 }}", 1, 4, "can't give argument to non-function"),
        ("{{ nil }}", 1, 4, "nil is not a command"),
        ("{{ range 1.5 }}{{ end }}", 1, 10, "range can't iterate over 1.5"),
        ("{{ index \"abc\" 9 }}", 1, 4, "error calling index: index out of range: 9"),
        ("{{ slice \"abc\" 2 1 }}", 1, 4, "error calling slice: slice bounds 2:1 out of range for length 3"),
        ("{{ toTime \"NaN\" }}", 1, 4, "error calling toTime: NaN cannot be represented as a nanoseconds timestamp"),
        ("{{ parseDuration \"x\" }}", 1, 4, "error calling parseDuration: not a valid duration string: \"x\""),
        ("{{ label \"a\" 1 }}", 1, 4, "error calling label: wrong type for value; expected sample; got int"),
        ("{{ len 1 }}", 1, 4, "error calling len: len of type int"),
        (
            "{{ eq $labels $labels }}", 1, 4,
            "error calling eq: non-comparable type map[instance:db-1.example.com:9100 job:node]: map[string]string"
        ),
    ])
    func `names the place of a failure`(source: String, line: Int, column: Int, message: String) {
        #expect(throws: TemplateError(name: "test", line: line, column: column, message: message)) {
            try Self.expand(source)
        }
    }

    @Test func `bounds work and results`() throws {
        var context = Self.context
        context.limits = TemplateLimits(outputBytes: 10, steps: 100, depth: 5)
        #expect(throws: TemplateError.self) { try Template("{{ range 1000 }}{{ end }}", name: "t").expand(context) }
        #expect(throws: TemplateError.self) { try Template("{{ 1 }}12345678910", name: "t").expand(context) }
        #expect(throws: TemplateError.self) { try Template("{{ printf \"%50d\" 1 | len }}", name: "t").expand(context) }
        #expect(throws: TemplateError.self) {
            try Template("{{ define \"a\" }}{{ template \"a\" }}{{ end }}{{ template \"a\" }}", name: "t").expand(
                context
            )
        }
        #expect(throws: TemplateError.self) { try Template(String(repeating: "{{ if 1 }}", count: 101), name: "t") }
        #expect(throws: TemplateError.self) { try Template("{{ " + String(repeating: "(", count: 5000), name: "t") }
        #expect(throws: TemplateError.self) { try Template(String(repeating: "{", count: 2 << 20), name: "t") }
        let chain = "{{ if 1 }}" + String(repeating: "{{ else if 1 }}", count: 5000) + "{{ end }}"
        #expect(throws: TemplateError.self) { try Template(chain, name: "t") }
    }

    @Test func `survives damaged sources`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        let source = Array(
            "{{ $x := 1 }}{{- range $i, $e := query \"m\" -}} {{ .Labels.a | title }} {{ end }}{{ if eq (len \"x\") 1 }}"
                + "{{ printf \"%5.2f %s\" $value `a` }}{{ else }}{{ template \"t\" . }}{{ end }}{{ define \"t\" }}x{{ end }}"
        )
        for _ in 0..<3000 {
            var damaged = source
            for _ in 0..<random.next(below: 4) + 1 where damaged.count > 1 {
                let place = Int(random.next(below: UInt64(damaged.count)))
                switch random.next(below: 3) {
                case 0: damaged.remove(at: place)
                case 1: damaged.insert(source[Int(random.next(below: UInt64(source.count)))], at: place)
                default: damaged = Array(damaged[..<max(1, place)])
                }
            }
            do throws(TemplateError) {
                _ = try Template(String(damaged), name: "t").expand(Self.context)
            } catch {
                #expect(error.line == 1 && error.column <= 300, "seed \(seed)")
            }
        }
    }
}

/// SplitMix64: small, and the same everywhere.
struct SeededRandom {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func next(below bound: UInt64) -> UInt64 { next() % bound }
}
