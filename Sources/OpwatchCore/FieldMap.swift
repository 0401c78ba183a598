package import WireFormat

/// Where an API keeps the times and flags of an operation.
///
/// Each list is in order of preference: the first path that is present decides.
package struct FieldMap: Sendable, Equatable {
    package var createTime: [FieldPath]
    package var startTime: [FieldPath]
    package var updateTime: [FieldPath]
    package var progress: [FieldPath]
    package var endTime: [FieldPath]
    package var cancelRequested: [FieldPath]
    /// The `google.rpc.Code` of a finished operation; absent means success.
    package var outcomeCode: [FieldPath]

    package init(
        createTime: [FieldPath] = FieldMap.usualCreateTime,
        startTime: [FieldPath] = [],
        updateTime: [FieldPath] = [],
        progress: [FieldPath] = [],
        endTime: [FieldPath] = FieldMap.paths("metadata.endTime"),
        cancelRequested: [FieldPath] = FieldMap.usualCancelRequested,
        outcomeCode: [FieldPath] = FieldMap.paths("error.code")
    ) {
        self.createTime = createTime
        self.startTime = startTime
        self.updateTime = updateTime
        self.progress = progress
        self.endTime = endTime
        self.cancelRequested = cancelRequested
        self.outcomeCode = outcomeCode
    }

    /// Every path, for the reader.
    package var all: [FieldPath] {
        createTime + startTime + updateTime + progress + endTime + cancelRequested + outcomeCode
    }

    /// Creation times of 169 published APIs, in the order that covers all that can be covered.
    package static let usualCreateTime = paths(
        "metadata.createTime", "metadata.genericMetadata.createTime",
        "metadata.commonMetadata.createTime", "metadata.insertTime", "metadata.requestTime",
        "metadata.submitTime", "metadata.startTime", "metadata.progress.startTime",
        "metadata.common.startTime")

    /// Flags by which published APIs say that a cancel was asked for.
    package static let usualCancelRequested = paths(
        "metadata.requestedCancellation", "metadata.cancelRequested",
        "metadata.cancellationRequested", "metadata.isCancellationRequested",
        "metadata.cancelTime")

    /// Turns dotted paths of this source into values; a malformed one is left out.
    package static func paths(_ dotted: String...) -> [FieldPath] {
        dotted.compactMap { FieldPath($0) }
    }
}

/// A built-in description of an API, named by `api:` in the policy.
package struct ServiceProfile: Sendable {
    package let name: String
    package let endpoint: Endpoint
    package let fields: FieldMap

    /// Every profile of this version, in the order shown to people.
    package static let all = [mlV1]

    /// Cloud ML Engine: creation, start and end times and a cancel flag; no update time, no
    /// progress. A version's own `createTime` inside `metadata.version` is not the operation's.
    package static let mlV1 = ServiceProfile(
        name: "ml/v1",
        endpoint: Endpoint("https://ml.googleapis.com/v1"),
        fields: FieldMap(
            createTime: FieldMap.paths("metadata.createTime"),
            startTime: FieldMap.paths("metadata.startTime"),
            endTime: FieldMap.paths("metadata.endTime"),
            cancelRequested: FieldMap.paths("metadata.isCancellationRequested")))
}
