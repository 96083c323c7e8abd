import PromQLScripts
import Testing

@Suite("PromQL fuzzing")
struct FuzzTests {
    @Test(arguments: 1...10)
    func `no text makes the parser or the evaluation fail`(seed: UInt64) throws {
        print("seed \(seed)")
        var fuzzer = QueryFuzzer(seed: seed)
        try fuzzer.run(5000)
        #expect(fuzzer.parsed > 500)
        #expect(fuzzer.evaluated > 300)
    }
}
