import MartletCore
import MartletPatterns
import MartletPromQL
import PromQLScripts
import Testing

/// Our own scripts: what each group of the language does, with the expected series written out.
@Suite("PromQL scripts")
struct ScriptTests {
    private func expectAll(_ script: String, features: PromQLFeatures = .all) throws {
        let engine = QueryEngine(patterns: RE2Patterns(), options: .init(stepsMax: 100_000, features: features))
        let verdicts = try ScriptRunner.verdicts(script, engine: engine)
        #expect(!verdicts.isEmpty)
        for verdict in verdicts where verdict.outcome != .passed {
            Issue.record("line \(verdict.line): \(verdict.query): \(verdict.outcome)")
        }
    }

    @Test func `sums rates by a label to the values worked out by hand`() throws {
        try expectAll(
            """
            load 1m
              requests_total{component="api", instance="a"} 0+60x70
              requests_total{component="api", instance="b"} 0+120x70
              requests_total{component="db", instance="a"} 0+30x70

            eval instant at 60m sum by (component) (rate(requests_total[1h]))
              {component="api"} 3
              {component="db"} 0.5

            eval range from 60m to 62m step 1m sum by (component) (increase(requests_total[1h]))
              {component="api"} 10800x2
              {component="db"} 1800x2

            eval instant at 10m avg(requests_total)
              {} 700

            eval instant at 10m delta(requests_total{component="db"}[5m])
              {component="db", instance="a"} 150

            eval instant at 10m irate(requests_total{component="db"}[5m])
              {component="db", instance="a"} 0.5

            eval instant at 10m idelta(requests_total{component="db"}[5m])
              {component="db", instance="a"} 30
            """
        )
    }

    @Test func `a counter that falls started again at zero`() throws {
        try expectAll(
            """
            load 1m
              resets_total 0 10 20 5 15 25

            eval instant at 5m increase(resets_total[5m1s])
              {} 45

            eval instant at 5m resets(resets_total[6m])
              {} 1

            eval instant at 5m changes(resets_total[6m])
              {} 5

            eval instant at 3m irate(resets_total[5m])
              {} 0.08333333333333333
            """
        )
    }

    @Test func `warns of a rate of what may be no counter`() throws {
        try expectAll(
            """
            load 1m
              temperature 0+1x10
              ticks_total 0+1x10

            eval instant at 10m rate(temperature[5m])
              expect info msg: PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "temperature" (1:6)
              {} 0.016666666666666666

            eval instant at 10m rate(ticks_total[5m])
              expect no_info
              {} 0.016666666666666666
            """
        )
    }

    @Test func `functions over time`() throws {
        try expectAll(
            """
            load 1m
              m 3 1 4 1 5

            eval instant at 4m sum_over_time(m[5m])
              {} 14

            eval instant at 4m avg_over_time(m[5m])
              {} 2.8

            eval instant at 4m min_over_time(m[5m])
              {} 1

            eval instant at 4m max_over_time(m[5m])
              {} 5

            eval instant at 4m count_over_time(m[5m])
              {} 5

            eval instant at 4m stdvar_over_time(m[5m])
              {} 2.56

            eval instant at 4m stddev_over_time(m[5m])
              {} 1.6

            eval instant at 4m mad_over_time(m[5m])
              {} 2

            eval instant at 4m quantile_over_time(0.5, m[5m])
              {} 3

            eval instant at 4m present_over_time(m[5m])
              {} 1

            eval instant at 4m last_over_time(m[5m])
              m 5

            eval instant at 4m first_over_time(m[5m])
              m 3

            eval instant at 4m ts_of_max_over_time(m[5m])
              {} 240

            eval instant at 4m ts_of_min_over_time(m[5m])
              {} 180

            eval instant at 4m deriv(m[5m])
              {} 0.006666666666666667

            eval instant at 4m predict_linear(m[5m], 60)
              {} 4

            eval instant at 4m double_exponential_smoothing(m[5m], 0.5, 0.5)
              {} 2.59375

            eval instant at 4m double_exponential_smoothing(m[5m], 2, 0.5)
              expect fail msg: invalid smoothing factor. Expected: 0 < sf < 1, got: 2

            eval instant at 4m sum_over_time(m[2m:1m])
              {} 6

            eval instant at 20m absent_over_time(m{job="x"}[5m])
              {job="x"} 1
            """
        )
    }

    @Test func `numbers, calendars and strings`() throws {
        try expectAll(
            """
            load 1m
              m{l="a"} 2.5
              m{l="b"} -1

            eval instant at 0 0x1F + 010 + 1_000 + .5
              1039.5

            eval instant at 0 1h30m
              5400

            eval instant at 0 -7 % 3
              -1

            eval instant at 0 2 ^ 3 ^ 2
              512

            eval instant at 0 1 atan2 1
              0.7853981633974483

            eval instant at 0 clamp(m, 0, 2)
              {l="a"} 2
              {l="b"} 0

            eval instant at 0 clamp(m, 2, 0)

            eval instant at 0 sgn(m)
              {l="a"} 1
              {l="b"} -1

            eval instant at 0 day_of_week(vector(1709208000))
              {} 4

            eval instant at 0 days_in_month(vector(1709208000))
              {} 29

            eval instant at 0 day_of_year(vector(1709208000))
              {} 60

            eval instant at 0 year(vector(1709208000)) * 10000 + month(vector(1709208000)) * 100 + day_of_month(vector(1709208000))
              {} 20240229

            eval instant at 0 hour(vector(1709208000)) + minute(vector(1709208060))
              {} 13

            eval instant at 0 day_of_month(vector(-1))
              {} 31

            eval instant at 61s minute()
              {} 1

            eval instant at 0 "a\\tb\\u00e9"
              expect string "a\\tb\\u00e9"

            eval instant at 0 label_replace(m, "dst", "$1-x", "l", "(a)")
              m{l="a", dst="a-x"} 2.5
              m{l="b"} -1

            eval instant at 0 label_replace(m, "dst", "x", "l", "(")
              expect fail regex: invalid regular expression in label_replace

            eval instant at 0 label_join(m, "dst", "+", "l", "l")
              m{l="a", dst="a+a"} 2.5
              m{l="b", dst="b+b"} -1

            eval instant at 0 sort(m)
              expect ordered
              m{l="b"} -1
              m{l="a"} 2.5

            eval instant at 0 sort_desc(m)
              expect ordered
              m{l="a"} 2.5
              m{l="b"} -1
            """
        )
    }

    @Test func `vectors match one to one, many to one and with stand-ins`() throws {
        try expectAll(
            """
            load 1m
              errors{code="500", path="/"} 2
              errors{code="404", path="/"} 3
              errors{code="500", path="/x"} 1
              hits{path="/", team="a"} 10
              hits{path="/y", team="b"} 20

            eval instant at 0 errors / on (path) group_left (team) hits
              {code="404", path="/", team="a"} 0.3
              {code="500", path="/", team="a"} 0.2

            eval instant at 0 hits / on (path) group_right () errors
              {code="404", path="/"} 3.3333333333333335
              {code="500", path="/"} 5

            eval instant at 0 errors / on (path) hits
              expect fail msg: multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)

            eval instant at 0 hits / on (path) errors
              expect fail regex: found duplicate series for the match group \\{path="/"\\} on the right hand-side

            eval instant at 0 errors{code="500"} + on (path) fill (0) hits
              {path="/"} 12
              {path="/x"} 1
              {path="/y"} 20

            eval instant at 0 errors{code="500"} + on (path) fill_right (100) hits
              {path="/"} 12
              {path="/x"} 101

            eval instant at 0 errors{code="500"} == bool on (path) hits
              {path="/"} 0

            eval instant at 0 errors > 1 and on (path) hits
              errors{code="404", path="/"} 3
              errors{code="500", path="/"} 2
            """
        )
    }

    @Test func `aggregations pick, count and group`() throws {
        try expectAll(
            """
            load 1m
              m{g="a", i="1"} 1
              m{g="a", i="2"} 3
              m{g="b", i="1"} 5
              m{g="b", i="2"} 5

            eval instant at 0 topk(1, m)
              m{g="b", i="1"} 5

            eval instant at 0 bottomk by (g) (1, m)
              m{g="a", i="1"} 1
              m{g="b", i="1"} 5

            eval instant at 0 topk(0, m)

            eval instant at 0 topk(NaN, m)
              expect fail msg: Parameter value is NaN

            eval instant at 0 count(limitk(3, m))
              {} 3

            eval instant at 0 count(limit_ratio(0.5, m) or limit_ratio(-0.5, m))
              {} 4

            eval instant at 0 limit_ratio(2, m)
              expect warn msg: PromQL warning: ratio value should be between -1 and 1, got 2, capping to 1 (1:13)
              m{g="a", i="1"} 1
              m{g="a", i="2"} 3
              m{g="b", i="1"} 5
              m{g="b", i="2"} 5

            eval instant at 0 quantile by (g) (0.5, m)
              {g="a"} 2
              {g="b"} 5

            eval instant at 0 quantile(2, m)
              expect warn msg: PromQL warning: quantile value should be between 0 and 1, got 2 (1:10)
              {} +Inf

            eval instant at 0 count_values("v", m)
              {v="1"} 1
              {v="3"} 1
              {v="5"} 2

            eval instant at 0 stdvar by (g) (m)
              {g="a"} 1
              {g="b"} 0

            eval instant at 0 group without (i) (m)
              {g="a"} 1
              {g="b"} 1
            """
        )
    }

    @Test func `classic histograms have quantiles and fractions`() throws {
        try expectAll(
            """
            load 1m
              h_bucket{le="1"} 10
              h_bucket{le="2"} 20
              h_bucket{le="+Inf"} 20
              bent_bucket{le="1"} 10
              bent_bucket{le="2"} 5
              bent_bucket{le="+Inf"} 20
              broken_bucket{le="x"} 1

            eval instant at 0 histogram_quantile(0.75, h_bucket)
              {} 1.5

            eval instant at 0 histogram_quantile(2, h_bucket)
              expect warn
              {} +Inf

            eval instant at 0 histogram_fraction(0, 1.5, h_bucket)
              {} 0.75

            eval instant at 0 histogram_quantile(0.5, bent_bucket)
              expect info msg: PromQL info: input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile) for metric name "bent_bucket" (1:25)
              {} 1

            eval instant at 0 histogram_quantile(0.5, broken_bucket)
              expect warn msg: PromQL warning: bucket label "le" is missing or has a malformed value of "x" for metric name "broken_bucket" (1:25)

            eval instant at 0 histogram_quantiles(h_bucket, "q", 0.5, 1)
              {q="0.5"} 1
              {q="1.0"} 2
            """
        )
    }

    @Test func `names go with each operation where their removal is not delayed`() throws {
        try expectAll(
            """
            load 1m
              a_total{l="x"} 0+60x10
              b_total{l="x"} 0+60x10

            eval instant at 10m rate({__name__=~"._total"}[5m])
              expect fail msg: vector cannot contain metrics with the same labelset

            eval instant at 10m -a_total
              {l="x"} -600

            eval instant at 10m a_total > bool 0
              {l="x"} 1

            eval instant at 10m a_total == bool b_total
              {l="x"} 1

            eval instant at 10m sum by (__name__) (rate(a_total[5m]))
              {} 1
            """,
            features: [.experimentalFunctions]
        )
    }
}
