// Fuzzes the reading of OTLP and of Jaeger's batches: `otlp-fuzz [executions] [seed]`. `make fuzz` runs it under AddressSanitizer.
//
// A request that is well is damaged in some places, or put together from parts of two, and read: that must give a value or
// an error. What is read must be written to bytes that are read as the same value.

import MartletCore
import MartletOTLP

let count = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1]) ?? 1_000_000 : 1_000_000
let seed = CommandLine.arguments.count > 2 ? UInt64(CommandLine.arguments[2]) ?? 1 : UInt64.random(in: .min ... .max)
print("otlp: \(count) executions, seed \(seed)")
var fuzzer = OTLPFuzzer(seed: seed)
let part = max(1, count / 10)
for done in stride(from: 0, to: count, by: part) {
    fuzzer.run(min(part, count - done))
    print("otlp: \(min(count, done + part)) executions, \(fuzzer.read) requests read")
}
