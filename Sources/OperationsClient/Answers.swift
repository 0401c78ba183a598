package import WireFormat

/// What every answer carries besides its body.
package struct AnswerTime: Sendable, Equatable {
    /// When the request was handed to the connection pool; the answer is never older than this.
    package let sentAt: ContinuousClock.Instant
    /// Server time, from `Date`; nil if missing, given twice or unreadable.
    package let date: Timestamp?

    package init(sentAt: ContinuousClock.Instant, date: Timestamp?) {
        self.sentAt = sentAt
        self.date = date
    }
}

/// One page of a list.
package struct PageAnswer: Sendable, Equatable {
    /// The body as it came, at most `Bounds.pageBytesMax`; not yet known to be JSON.
    package let body: [UInt8]
    package let time: AnswerTime
    /// Says why the body cannot be read, should it be so.
    package let context: BodyContext

    package init(body: [UInt8], time: AnswerTime, context: BodyContext = .none) {
        self.body = body
        self.time = time
        self.context = context
    }
}

/// One operation as the service knows it.
package struct OperationAnswer: Sendable, Equatable {
    /// The body as it came, at most `Bounds.bodyBytesMax`; not yet known to be JSON.
    package let body: [UInt8]
    package let time: AnswerTime
    /// Says why the body cannot be read, should it be so.
    package let context: BodyContext

    package init(body: [UInt8], time: AnswerTime, context: BodyContext = .none) {
        self.body = body
        self.time = time
        self.context = context
    }
}

/// What to ask for in one page of a list.
package struct ListRequest: Sendable, Equatable {
    /// The resource whose operations are listed; `""` lists `/operations`.
    package var parent: String
    /// Sent as it is, in AIP-160 or the service's own dialect.
    package var filter: String?
    /// Operations in one page; a server may give fewer.
    package var pageSize: Int
    /// From the page before; nil for the first.
    package var pageToken: String?

    package init(parent: String, filter: String? = nil, pageSize: Int, pageToken: String? = nil) {
        self.parent = parent
        self.filter = filter
        self.pageSize = pageSize
        self.pageToken = pageToken
    }
}
