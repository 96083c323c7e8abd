import MartletCore
import Testing

@Suite("FloatText")
struct FloatTextTests {
    @Test(arguments: [
        (0.0, "0"), (-0.0, "-0"), (1, "1"), (-1.5, "-1.5"), (0.25, "0.25"), (0.0001, "0.0001"), (0.00001, "0.00001"),
        (1e-6, "0.000001"),
        (9.9e-7, "9.9e-07"),
        (1.5e-7, "1.5e-07"), (123_456_789, "123456789"), (1e15, "1000000000000000"), (1e20, "100000000000000000000"),
        (1e21, "1e+21"), (1.2345e22, "1.2345e+22"), (1e-300, "1e-300"), (.leastNonzeroMagnitude, "5e-324"),
        (1.797_693_134_862_315_7e308, "1.7976931348623157e+308"), (.infinity, "+Inf"), (-.infinity, "-Inf"),
        (.nan, "NaN"), (9_007_199_254_740_992, "9007199254740992"), (1_234_567.875, "1234567.875"),
    ])
    func `writes numbers as the HTTP API of Prometheus does`(value: Double, text: String) {
        #expect(FloatText.shortest(value) == text)
    }

    /// As Prometheus 2.42 labelled the buckets of these bounds.
    @Test(arguments: [
        (1e-7, "1e-07"), (1e-6, "1e-06"), (1e-5, "1e-05"), (0.0001, "0.0001"), (0.001, "0.001"), (2.5, "2.5"),
        (1, "1"), (100_000, "100000"), (1e6, "1e+06"), (1_234_567, "1.234567e+06"), (67_108_864, "6.7108864e+07"),
        (1e15, "1e+15"), (1e20, "1e+20"), (1e21, "1e+21"), (0.99999, "0.99999"), (-1e6, "-1e+06"), (0, "0"),
        (-0.0, "-0"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (123_456, "123456"),
    ])
    func `writes bounds as Prometheus does`(value: Double, text: String) {
        #expect(FloatText.general(value) == text)
    }

    @Test(arguments: [
        (0.0, "0e+00"), (-0.0, "-0e+00"), (1, "1e+00"), (0.25, "2.5e-01"), (-1500, "-1.5e+03"), (1e100, "1e+100"),
        (.infinity, "+Inf"), (.nan, "NaN"),
    ])
    func `writes numbers with an exponent`(value: Double, text: String) {
        #expect(FloatText.exponent(value) == text)
    }

    @Test(
        arguments: [
            (0.000039765, "0.000039765"), (-0.0000061585, "-0.0000061585"), (1e-6, "0.000001"), (9.99e-7, "9.99e-07"),
            (0.0001, "0.0001"), (0.000123456789012345, "0.000123456789012345"), (1.25e-5, "0.0000125"),
            (1e15, "1000000000000000"), (1e21, "1e+21"), (-1.5e300, "-1.5e+300"), (0.1, "0.1"), (-0.0, "-0"),
        ]
    )
    func `appended bytes are the shortest text`(value: Double, text: String) {
        var bytes: [UInt8] = []
        FloatText.append(value, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == text)
        #expect(FloatText.shortest(value) == text)
    }
}
