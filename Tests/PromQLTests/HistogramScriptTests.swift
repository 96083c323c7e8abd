import MartletCore
import MartletPatterns
import MartletPromQL
import PromQLScripts
import Testing

/// Our own scripts on native histograms, with the expected values worked out by hand.
@Suite("PromQL scripts on native histograms")
struct HistogramScriptTests {
    private func expectAll(_ script: String) throws {
        let engine = QueryEngine(patterns: RE2Patterns(), options: .init(features: .all))
        let verdicts = try ScriptRunner.verdicts(script, engine: engine)
        #expect(!verdicts.isEmpty)
        for verdict in verdicts where verdict.outcome != .passed {
            Issue.record("line \(verdict.line): \(verdict.query): \(verdict.outcome)")
        }
    }

    @Test func `reads numbers off a histogram`() throws {
        try expectAll(
            """
            load 1m
              h {{schema:0 count:8 sum:20 buckets:[2 4 2]}}
              number 5

            eval instant at 1m histogram_count(h)
              {} 8

            eval instant at 1m histogram_sum(h)
              {} 20

            eval instant at 1m histogram_avg({__name__=~"h|number"})
              {} 2.5

            eval instant at 1m histogram_fraction(1, 2, h)
              {} 0.5

            eval instant at 1m histogram_quantile(0.75, h)
              {} 2

            eval instant at 1m histogram_quantiles(h, "q", 0.25, 0.75)
              {q="0.25"} 1
              {q="0.75"} 2

            eval instant at 1m abs(h)

            eval instant at 1m timestamp(h)
              {} 0

            eval instant at 1m absent(h)

            eval instant at 1m sort(h)
            """
        )
    }

    @Test func `adds and subtracts at the coarser resolution`() throws {
        try expectAll(
            """
            load 1m
              fine   {{schema:1 count:4 sum:6 buckets:[1 1 1 1]}}
              coarse {{schema:0 count:5 sum:9 buckets:[2 3]}}
              custom {{schema:-53 count:3 sum:4 custom_values:[1 2] buckets:[1 2]}}

            eval instant at 1m fine + ignoring(x) coarse
              {} {{schema:0 count:9 sum:15 buckets:[3 5 1]}}

            eval instant at 1m coarse - fine
              {} {{schema:0 count:1 sum:3 buckets:[1 1 -1] counter_reset_hint:gauge}}

            eval instant at 1m coarse + on () custom
              expect warn msg: PromQL warning: incompatible bucket layout encountered for binary operator + (1:1)

            eval instant at 1m coarse + on () vector(1)
              expect info msg: PromQL info: incompatible sample types encountered for binary operator "+": histogram + float (1:1)

            eval instant at 1m 2 * coarse / 4
              {} {{schema:0 count:2.5 sum:4.5 buckets:[1 1.5]}}

            eval instant at 1m coarse / 0
              {} {{schema:0 count:Inf sum:Inf z_bucket:NaN}}

            eval instant at 1m -coarse
              {} {{schema:0 count:-5 sum:-9 buckets:[-2 -3] counter_reset_hint:gauge}}

            eval instant at 1m coarse == bool fine
              {} 0

            eval instant at 1m coarse > 1
              expect info msg: PromQL info: incompatible sample types encountered for binary operator ">": histogram > float (1:1)

            eval instant at 1m vector(1) </ 2
              expect info msg: PromQL info: incompatible sample types encountered for binary operator "</": float </ float (1:1)
            """
        )
    }

    @Test func `sums and averages groups and says what does not fit`() throws {
        try expectAll(
            """
            load 1m
              m{a="x"} {{schema:0 count:2 sum:2 buckets:[2]}}
              m{a="y"} {{schema:0 count:4 sum:4 buckets:[0 4]}}
              m{a="z"} 7
              n{a="x"} {{schema:0 count:2 sum:2 buckets:[2]}}
              n{a="y"} {{schema:-53 count:2 sum:2 custom_values:[1] buckets:[2]}}
              c{a="x"} {{schema:-53 count:6 sum:2 custom_values:[1 2] buckets:[1 2 3]}}
              c{a="y"} {{schema:-53 count:4 sum:2 custom_values:[2 4] buckets:[1 1 2]}}

            eval instant at 1m sum(m{a!="z"})
              {} {{schema:0 count:6 sum:6 buckets:[2 4]}}

            eval instant at 1m avg(m{a!="z"})
              {} {{schema:0 count:3 sum:3 buckets:[1 2]}}

            eval instant at 1m sum(m)
              expect warn msg: PromQL warning: encountered a mix of histograms and floats for aggregation (1:5)

            eval instant at 1m count(m)
              {} 3

            eval instant at 1m group(m{a="x"})
              {} 1

            eval instant at 1m max(m)
              expect info msg: PromQL info: ignored histogram in max aggregation (1:5)
              {} 7

            eval instant at 1m topk(5, m)
              expect info msg: PromQL info: ignored histogram in topk aggregation (1:9)
              m{a="z"} 7

            eval instant at 1m quantile(0.5, m)
              expect info msg: PromQL info: ignored histogram in quantile aggregation (1:15)
              {} 7

            eval instant at 1m limitk(1, m{a="x"})
              m{a="x"} {{schema:0 count:2 sum:2 buckets:[2]}}

            eval instant at 1m count_values("v", m{a="x"})
              {v="{count:2, sum:2, (0.5,1]:2}"} 1

            eval instant at 1m sum(n)
              expect warn msg: PromQL warning: vector contains a mix of histograms with exponential and custom buckets schemas for metric name "n" (1:5)

            eval instant at 1m sum(c)
              expect info msg: PromQL info: mismatched custom buckets were reconciled during aggregation (1:5)
              {} {{schema:-53 count:10 sum:4 custom_values:[2] buckets:[4 6]}}
            """
        )
    }

    @Test func `rates of histograms know resets`() throws {
        try expectAll(
            """
            load 1m
              h {{schema:0 count:2 sum:2 buckets:[2]}} {{schema:0 count:6 sum:8 buckets:[4 2]}} {{schema:0 count:1 sum:1 buckets:[1]}} {{schema:0 count:3 sum:3 buckets:[3]}}
              g {{schema:0 count:2 sum:2 buckets:[2] counter_reset_hint:gauge}} {{schema:0 count:6 sum:8 buckets:[4 2] counter_reset_hint:gauge}}
              mixed 1 {{schema:0 count:2 sum:2 buckets:[2]}} 3

            eval instant at 3m increase(h[3m1s])
              {} {{schema:0 count:7.038888888888889 sum:9.049999999999999 buckets:[5.0277777777777777 2.0111111111111111] counter_reset_hint:gauge}}

            eval instant at 3m resets(h[4m])
              {} 1

            eval instant at 3m changes(h[4m])
              {} 3

            eval instant at 1m irate(h[2m])
              {} {{schema:0 count:0.066666666666666667 sum:0.1 buckets:[0.033333333333333333 0.033333333333333333] counter_reset_hint:gauge}}

            eval instant at 1m idelta(g[2m])
              {} {{schema:0 count:4 sum:6 buckets:[2 2] counter_reset_hint:gauge}}

            eval instant at 1m delta(h[2m])
              expect warn msg: PromQL warning: this native histogram metric is not a gauge: "h" (1:7)
              {} {{schema:0 count:8 sum:12 buckets:[4 4] counter_reset_hint:gauge}}

            eval instant at 1m rate(g[2m])
              expect warn msg: PromQL warning: this native histogram metric is not a counter: "g" (1:6)
              {} {{schema:0 count:0.05 sum:0.075 buckets:[0.025 0.025] counter_reset_hint:gauge}}

            eval instant at 3m rate(mixed[4m])
              expect warn msg: PromQL warning: encountered a mix of histograms and floats for metric name "mixed" (1:6)

            eval instant at 3m irate(mixed[4m])
              expect warn msg: PromQL warning: encountered a mix of histograms and floats for metric name "mixed" (1:7)

            eval instant at 3m sum_over_time(mixed[4m])
              expect warn msg: PromQL warning: encountered a mix of histograms and floats for metric name "mixed" (1:15)

            eval instant at 3m max_over_time(mixed[4m])
              expect info msg: PromQL info: ignored histograms in a range containing both floats and histograms for metric name "mixed" (1:15)
              {} 3

            eval instant at 3m count_over_time(mixed[4m])
              {} 3

            eval instant at 1m last_over_time(mixed[4m])
              mixed {{schema:0 count:2 sum:2 buckets:[2]}}

            eval instant at 3m first_over_time(mixed[4m])
              mixed 1

            eval instant at 1m mixed[4m]
              expect range vector from 0 to 1m step 1m
              mixed 1 {{schema:0 count:2 sum:2 buckets:[2]}}

            eval instant at 3m avg_over_time(h[3m])
              {} {{schema:0 count:3.3333333333333333 sum:4 buckets:[2.6666666666666667 0.6666666666666666]}}
            """
        )
    }

    @Test func `cuts histograms and interpolates at the cut`() throws {
        try expectAll(
            """
            load 1m
              c {{schema:-53 count:6 sum:15 custom_values:[2 4] buckets:[2 3 1]}}
              e {{schema:0 count:3 sum:5 z_bucket:1 z_bucket_w:0.5 n_buckets:[0 2]}}

            eval instant at 1m c </ 3
              c {{schema:-53 count:3.5 sum:5.75 custom_values:[2 4] buckets:[2 1.5]}}

            eval instant at 1m c >/ 1
              c {{schema:-53 count:5 sum:14.5 custom_values:[2 4] buckets:[1 3 1]}}

            eval instant at 1m e >/ 0
              e {{z_bucket_w:0.5}}

            eval instant at 1m e </ -0.25
              e {{schema:0 count:2.5 sum:-3.0159271247461903 z_bucket:0.5 z_bucket_w:0.5 n_buckets:[0 2]}}
            """
        )
    }

    @Test func `does not estimate from classic and native buckets at once`() throws {
        try expectAll(
            """
            load 1m
              h {{schema:0 count:4 sum:5 buckets:[2 2]}}
              h{le="1"} 1
              h{le="+Inf"} 2

            eval instant at 1m histogram_quantile(0.5, h)
              expect warn msg: PromQL warning: vector contains a mix of classic and native histograms for metric name "h" (1:25)
            """
        )
    }

    @Test func `extends and interpolates histograms at the ends of ranges`() throws {
        try expectAll(
            """
            load 1m
              h {{schema:0 count:0 sum:0}} {{schema:0 count:4 sum:4 buckets:[4]}} {{schema:0 count:8 sum:8 buckets:[8]}} {{schema:0 count:2 sum:2 buckets:[2]}}

            eval instant at 2m increase(h[1m] anchored)
              {} {{schema:0 count:4 sum:4 buckets:[4] counter_reset_hint:gauge}}

            eval instant at 90s increase(h[1m] smoothed)
              {} {{schema:0 count:4 sum:4 buckets:[4] counter_reset_hint:gauge}}

            eval instant at 90s h smoothed
              h {{schema:0 count:6 sum:6 buckets:[6]}}

            eval instant at 150s h smoothed
              h {{schema:0 count:1 sum:1 buckets:[1]}}
            """
        )
    }

    @Test func `start timestamps tell of resets and of zeros`() throws {
        try expectAll(
            """
            load 1m
              m_total@st  _ _ -30s -30s -30s
              m_total     _ _ 5    5    5
              h@st        _ _ -30s -30s
              h           _ _ {{schema:0 count:5 sum:5}} {{schema:0 count:5 sum:5}}

            eval instant at 4m increase(m_total[3m])
              {} 15

            eval instant at 4m resets(m_total[3m])
              {} 2

            eval instant at 3m irate(m_total[3m])
              {} 0.083333333333333333

            eval instant at 3m increase(h[2m])
              {} {{schema:0 count:10 sum:10 counter_reset_hint:gauge}}

            eval instant at 3m start_timestamp(m_total)
              {} 150
            """
        )
    }
}
