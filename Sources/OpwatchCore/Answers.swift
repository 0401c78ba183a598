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

/// What is known of a body besides its bytes, as far as messages about it need that.
package struct AnswerContext: Sendable {
    /// Why a body that should be a list or an operation is none; quotes no secret that was sent
    /// along.
    package let complaint: @Sendable ([UInt8], WireError) -> String
    /// The text without the secrets that were sent along.
    package let redact: @Sendable (String) -> String

    /// Of bytes that nobody asked for with a secret.
    package static let none = AnswerContext(
        complaint: { $1.description }, redact: { $0 })

    package init(
        complaint: @escaping @Sendable ([UInt8], WireError) -> String,
        redact: @escaping @Sendable (String) -> String
    ) {
        self.complaint = complaint
        self.redact = redact
    }
}

/// One page of a list.
package struct PageAnswer: Sendable {
    /// The body as it came, bounded by the client; not yet known to be JSON.
    package let body: [UInt8]
    package let time: AnswerTime
    /// Says why the body cannot be read, should it be so.
    package let context: AnswerContext

    package init(body: [UInt8], time: AnswerTime, context: AnswerContext = .none) {
        self.body = body
        self.time = time
        self.context = context
    }
}

/// One operation as the service knows it.
package struct OperationAnswer: Sendable {
    /// The body as it came, bounded by the client; not yet known to be JSON.
    package let body: [UInt8]
    package let time: AnswerTime
    /// Says why the body cannot be read, should it be so.
    package let context: AnswerContext

    package init(body: [UInt8], time: AnswerTime, context: AnswerContext = .none) {
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
