import OpwatchCore
import WireFormat

/// The error that a service put into the body of its answer, whichever of the known forms it has.
///
/// `{"error": {…}}`, the same object without `error` around it, `{"error": "text"}`,
/// `{"errors": […]}`, and problem+json; a body that mixes them is read as all of them.
struct ErrorEnvelope: Sendable, Equatable {
    /// By the name in `status`, else the number 1...16 or the name in `code`, else a reason.
    let code: StatusCode?
    /// For people; untrusted text of any length; empty where the service said nothing.
    let message: String
    /// Of `ErrorInfo` and of the entries of `errors`.
    let reasons: [String]
    /// Of `RetryInfo`.
    let retryDelay: Duration?

    /// Whether it is the rate or the quota that a PERMISSION_DENIED speaks of.
    var isThrottling: Bool { reasons.contains { Self.rateReasons.contains($0) } }

    /// Reads a body; nil where it has none of the forms.
    init?(_ body: [UInt8]) {
        var row = FieldRow()
        do throws(WireError) {
            try ObjectReader.read(body, fields: Self.fields, limits: .body, into: &row)
        } catch {
            return nil
        }
        let nested = Members(of: row, inError: true)
        let bare = Members(of: row, inError: false)
        let text = row.string(Slot.error)?.nonBlank
        let title = row.string(Slot.title)?.nonBlank
        let detail = row.string(Slot.detail)?.nonBlank
        guard
            !nested.isEmpty || bare.code != nil || !bare.errors.isEmpty
                || bare.hasCode && bare.message != nil || text != nil || title != nil
                || detail != nil
        else { return nil }
        code = nested.code ?? bare.code
        let words =
            nested.message ?? bare.message
            ?? Self.joined(text, row.string(Slot.errorDescription)?.nonBlank)
            ?? Self.joined(title, detail)
        message = words ?? nested.firstError ?? bare.firstError ?? ""
        reasons = nested.reasons + bare.reasons
        retryDelay = [nested.retryDelay, bare.retryDelay].compactMap { $0 }.max()
    }

    private static func joined(_ first: String?, _ second: String?) -> String? {
        guard let first, let second else { return first ?? second }
        return "\(first): \(second)"
    }

    /// What may stand in an error object, be it inside `error` or the body itself.
    private struct Members {
        /// Whether a `code` of any kind stands there; mostly it repeats the HTTP status.
        let hasCode: Bool
        let code: StatusCode?
        let message: String?
        var errors: [FieldRow]
        var reasons: [String] = []
        var retryDelay: Duration?
        private let hasStatus: Bool
        private let hasDetails: Bool

        init(of row: FieldRow, inError: Bool) {
            let first = inError ? Slot.inError : Slot.bare
            let number = row.integer(first + Slot.code).flatMap { StatusCode(number: $0) }
            let status = row.string(first + Slot.status)
            hasCode = [.number, .string].contains(row.kind(first + Slot.code))
            hasStatus = status != nil
            hasDetails = row.kind(first + Slot.details) == .array
            message = row.string(first + Slot.message)?.nonBlank
            errors = ErrorEnvelope.objects(in: row, at: first + Slot.errors).filter {
                $0.string(Slot.reason) != nil || $0.string(Slot.text) != nil
            }
            reasons = errors.compactMap { $0.string(Slot.reason) }
            code =
                status.flatMap { StatusCode(rawValue: $0) } ?? number
                ?? row.string(first + Slot.code).flatMap { StatusCode(spelled: $0) }
                ?? reasons.lazy.compactMap { StatusCode(spelled: $0) }.first
            readDetails(of: row, at: first + Slot.details)
        }

        private mutating func readDetails(of row: FieldRow, at slot: Int) {
            for detail in ErrorEnvelope.objects(in: row, at: slot) {
                let type = detail.string(Slot.type) ?? ""
                if type.hasSuffix("/google.rpc.ErrorInfo"), let reason = detail.string(Slot.reason)
                {
                    reasons.append(reason)
                }
                if type.hasSuffix("/google.rpc.RetryInfo"),
                    let delay = detail.string(Slot.retryDelay).flatMap({
                        DurationText.parseProto($0)
                    })
                {
                    retryDelay = max(retryDelay ?? delay, delay)
                }
            }
        }

        /// Whether nothing of an error object is there.
        var isEmpty: Bool {
            !hasCode && !hasStatus && !hasDetails && message == nil && errors.isEmpty
        }

        /// The words of the first entry of `errors`.
        var firstError: String? {
            errors.first.flatMap {
                $0.string(Slot.text)?.nonBlank ?? $0.string(Slot.reason)?.nonBlank
            }
        }
    }

    /// The objects of a list; more than a few are not an error report any more.
    private static func objects(in row: FieldRow, at slot: Int) -> [FieldRow] {
        row.elements(slot).prefix(32).compactMap { element in
            guard element.kind == .object else { return nil }
            var object = FieldRow()
            do throws(WireError) {
                try ObjectReader.read(
                    row.bytes, in: element.range, fields: elementFields, limits: .body,
                    into: &object)
                return object
            } catch {
                return nil
            }
        }
    }

    /// Slots in the order of the paths below.
    private enum Slot {
        static let (error, errorDescription, title, detail, inError, bare) = (0, 1, 2, 3, 4, 9)
        static let (code, status, message, errors, details) = (0, 1, 2, 3, 4)
        static let (type, reason, text, retryDelay) = (0, 1, 2, 3)
    }

    private static let fields: FieldSet = {
        let members = ["code", "status", "message", "errors", "details"]
        let ofBody = ["error", "error_description", "title", "detail"].map { [$0] }
        let paths = ofBody + members.map { ["error", $0] } + members.map { [$0] }
        return FieldSet(paths.map { FieldPath(segments: $0.map { FieldSegment($0) }) })
    }()

    private static let elementFields = FieldSet(
        ["@type", "reason", "message", "retryDelay"].map {
            FieldPath(segments: [FieldSegment($0)])
        })

    /// Of Google's APIs: `usageLimits` of the older ones, `google.api.ErrorReason` of the others.
    private static let rateReasons: Set<String> = [
        "concurrentLimitExceeded", "dailyLimitExceeded", "dailyLimitExceededUnreg",
        "limitExceeded", "quotaExceeded", "rateLimitExceeded", "rateLimitExceededUnreg",
        "servingLimitExceeded", "userRateLimitExceeded", "userRateLimitExceededUnreg",
        "variableTermExpiredDailyExceeded", "variableTermLimitExceeded",
        "RATE_LIMIT_EXCEEDED", "RESOURCE_QUOTA_EXCEEDED",
    ]
}

extension StatusCode {
    /// By its name as reasons spell it: `FAILED_PRECONDITION`, `failedPrecondition` or
    /// `failed_precondition`.
    fileprivate init?(spelled name: String) {
        guard name.utf8.count <= 32 else { return nil }
        let letters = name.lowercased().filter { $0 != "_" }
        guard let code = Self.allCases.first(where: { $0.letters == letters }) else { return nil }
        self = code
    }

    private var letters: String { rawValue.lowercased().filter { $0 != "_" } }
}

extension String {
    /// nil where there is nothing to read.
    fileprivate var nonBlank: String? {
        unicodeScalars.contains { !$0.properties.isWhitespace } ? self : nil
    }
}
