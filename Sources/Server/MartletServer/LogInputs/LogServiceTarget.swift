import MartletEvents
import MartletLogInputs
import MartletOTLP

/// The log store as inputs see it.
struct LogServiceTarget: LogTarget {
    let logs: LogService

    func append(_ new: [ResourceLogs]) throws(LogTargetError) {
        do throws(EventError) {
            _ = try logs.append(LogsRequest(resourceLogs: new))
        } catch {
            throw LogTargetError(error.description)
        }
    }
}
