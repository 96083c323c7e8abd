import MartletCore

extension MetricRegistry {
    /// The metric for a handle: an inert one, with the problem noted, where it can't be registered.
    ///
    /// - Parameters:
    ///   - descriptor: What is declared.
    ///   - problem: What is wrong with it that the descriptor does not tell.
    ///   - makeObject: Makes its series, where those are kept in objects.
    /// - Returns: The metric.
    func instrument(
        _ descriptor: MetricDescriptor,
        problem: MetricRegistryError? = nil,
        makeObject: SeriesMaker? = nil
    ) -> Instrument {
        do throws(MetricRegistryError) {
            if let problem { throw problem }
            return try find(descriptor, makeObject: makeObject)
        } catch {
            state.withLock { $0.refusedCount += 1 }
            note(error)
            return Instrument(inert: descriptor, makeObject: makeObject)
        }
    }

    /// Keeps a problem, and tells of it where it is new.
    func note(_ problem: MetricRegistryError) {
        let isNew = state.withLock { state in
            guard state.problems.count < MetricRegistry.problemsMax, !state.problems.contains(problem) else {
                return false
            }
            state.problems.append(problem)
            return true
        }
        if isNew { report(problem.description) }
    }

    /// The metric of a declaration, created where it is new.
    ///
    /// - Parameters:
    ///   - descriptor: What is declared.
    ///   - makeObject: Makes its series, where those are kept in objects.
    /// - Returns: The metric; the same for the same declaration.
    /// - Throws: Why it can't be.
    func find(
        _ descriptor: MetricDescriptor,
        makeObject: SeriesMaker? = nil
    ) throws(MetricRegistryError) -> Instrument {
        try state.withLock { state throws(MetricRegistryError) in
            if let existing = state.instruments[descriptor.name] {
                try existing.descriptor.check(against: descriptor)
                return existing
            }
            try descriptor.validate(registryLabels: constantLabels)
            guard state.instruments.count < metricsLimit else {
                throw .tooManyMetrics(metric: descriptor.name, limit: metricsLimit)
            }
            let samples = descriptor.sampleNames
            for sample in samples {
                guard let owner = state.sampleOwners[sample] else { continue }
                let existing = state.instruments[owner]?.descriptor.site ?? descriptor.site
                let sites = DeclarationSites(existing: existing, requested: descriptor.site)
                throw .sampleNameTaken(metric: descriptor.name, sample: sample, owner: owner, sites)
            }
            let fresh = try Instrument(descriptor, in: settings, makeObject: makeObject)
            state.instruments[descriptor.name] = fresh
            for sample in samples { state.sampleOwners[sample] = descriptor.name }
            return fresh
        }
    }
}
