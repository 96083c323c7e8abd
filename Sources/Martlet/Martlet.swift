@_exported public import MartletCore
@_exported public import MartletExposition
@_exported public import MartletHealth
@_exported public import MartletLogging
@_exported public import MartletMetrics
@_exported public import MartletTracing
