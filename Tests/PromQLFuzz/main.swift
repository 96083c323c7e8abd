// Fuzzes the query language: `promql-fuzz [executions] [seed]`. `make fuzz` runs it under AddressSanitizer.

import PromQLScripts

let count = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1]) ?? 1_000_000 : 1_000_000
let seed = CommandLine.arguments.count > 2 ? UInt64(CommandLine.arguments[2]) ?? 1 : UInt64.random(in: .min ... .max)
print("promql: \(count) executions, seed \(seed)")
var fuzzer = QueryFuzzer(seed: seed)
do {
    let part = max(1, count / 10)
    for done in stride(from: 0, to: count, by: part) {
        try fuzzer.run(min(part, count - done))
        print("promql: \(min(count, done + part)) executions, \(fuzzer.parsed) queries, \(fuzzer.evaluated) values")
    }
} catch {
    print("promql: \(error)")
    fatalError("the fuzzer found a fault; run it again with the seed \(seed)")
}
