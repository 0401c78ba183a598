import Foundation
import WireFormat

/// What the journal tells of cancels.
struct SoakLedger {
    struct Intent {
        let operation: String
        let at: Timestamp
        var isWithdrawn = false
        /// 0 where no answer came, nil where none is written.
        var http: Int?
    }

    /// Each warning that promised a cancel.
    private var notices: [String: [Timestamp]] = [:]
    private(set) var intents: [Int: Intent] = [:]
    private(set) var numbers: [String: [Int]] = [:]
    /// The last verdict of each operation that has one.
    private(set) var verdicts: [String: String] = [:]
    /// Operations with an intent behind which nothing has ended.
    private(set) var open: [String: Set<Int>] = [:]

    /// - Parameter lines: of `journal dump --json`.
    init(_ lines: [String]) throws {
        for line in lines {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
            guard let record = object as? [String: Any] else { continue }
            take(record)
        }
    }

    private mutating func take(_ record: [String: Any]) {
        let number = record["intent"] as? Int ?? 0
        let name = record["op"] as? String ?? intents[number]?.operation ?? ""
        let at = Timestamp(rfc3339: record["at"] as? String ?? "") ?? .latest
        switch record["kind"] as? String {
        case "warned" where record["notice"] != nil: notices[name, default: []].append(at)
        // A new file of the journal says again what is open.
        case "intent" where record["restated"] == nil:
            intents[number] = Intent(operation: name, at: at)
            numbers[name, default: []].append(number)
            open[name, default: []].insert(number)
            verdicts[name] = nil
        case "withdrawn":
            intents[number]?.isWithdrawn = true
            open[name]?.remove(number)
        case "asked": intents[number]?.http = record["http"] as? Int
        case "verdict":
            open[name] = nil
            verdicts[name] = record["verdict"] as? String
        case "finished", "vanished", "dropped": open[name] = nil
        default: break
        }
    }

    /// The latest intent of the operation before that.
    func lastIntent(of name: String, before time: Timestamp) -> Int? {
        numbers[name]?.last { (intents[$0]?.at ?? .latest) <= time }
    }

    /// From the last promise of a cancel until then.
    func notice(of name: String, at time: Timestamp) -> Duration? {
        notices[name]?.last { $0 <= time }.map { time.duration(since: $0) }
    }

    /// Whether a cancel waits for its proof.
    func isOpen(_ name: String) -> Bool { open[name]?.isEmpty == false }

    /// Requests that may have left and that the service did not accept.
    func unaccepted(_ name: String) -> Int {
        numbers[name, default: []].count { number in
            guard let intent = intents[number], !intent.isWithdrawn else { return false }
            return !(200...299).contains(intent.http ?? 0)
        }
    }
}
