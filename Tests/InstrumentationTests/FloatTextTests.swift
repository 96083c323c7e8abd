import MartletCore
import Testing

@Suite("FloatText")
struct FloatTextTests {
    @Test(arguments: [
        (0.0, "0"), (-0.0, "-0"), (1, "1"), (-1.5, "-1.5"), (0.25, "0.25"), (0.0001, "0.0001"), (0.00001, "1e-05"),
        (1.5e-7, "1.5e-07"), (123_456_789, "123456789"), (1e15, "1000000000000000"), (1e20, "100000000000000000000"),
        (1e21, "1e+21"), (1.2345e22, "1.2345e+22"), (1e-300, "1e-300"), (.leastNonzeroMagnitude, "5e-324"),
        (1.797_693_134_862_315_7e308, "1.7976931348623157e+308"), (.infinity, "+Inf"), (-.infinity, "-Inf"),
        (.nan, "NaN"), (9_007_199_254_740_992, "9007199254740992"), (1_234_567.875, "1234567.875"),
    ])
    func `writes numbers as Go's shortest form does`(value: Double, text: String) {
        #expect(FloatText.shortest(value) == text)
    }

    @Test(arguments: [
        (0.0, "0e+00"), (-0.0, "-0e+00"), (1, "1e+00"), (0.25, "2.5e-01"), (-1500, "-1.5e+03"), (1e100, "1e+100"),
        (.infinity, "+Inf"), (.nan, "NaN"),
    ])
    func `writes numbers with an exponent`(value: Double, text: String) {
        #expect(FloatText.exponent(value) == text)
    }
}
