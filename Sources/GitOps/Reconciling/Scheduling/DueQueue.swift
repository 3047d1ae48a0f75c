internal import HeapModule

/// What is to be looked at when: one time for each subject, the earliest first.
struct DueQueue<Subject: Hashable & Sendable>: Sendable {
    private struct Entry: Comparable, Sendable {
        let time: Double
        let subject: Subject

        static func < (left: Entry, right: Entry) -> Bool { left.time < right.time }
        static func == (left: Entry, right: Entry) -> Bool { left.time == right.time }
    }

    private var heap = Heap<Entry>()
    private var times: [Subject: Double] = [:]

    /// Nil: it is not to be looked at.
    subscript(subject: Subject) -> Double? {
        get { times[subject] }
        set {
            guard newValue != times[subject] else { return }
            times[subject] = newValue
            guard let newValue else { return }
            heap.insert(Entry(time: newValue, subject: subject))
            // What was put off stays in the heap until its time; when most of it is such, it is made anew.
            if heap.count > 64, heap.count > 4 * times.count {
                heap = Heap(times.map { Entry(time: $0.value, subject: $0.key) })
            }
        }
    }

    /// Moves a subject forward; one that is due earlier stays.
    mutating func hasten(_ subject: Subject, to time: Double) {
        if let known = times[subject], known <= time { return }
        self[subject] = time
    }

    /// When the first is due.
    mutating func nextTime() -> Double? {
        while let first = heap.min {
            if times[first.subject] == first.time { return first.time }
            _ = heap.popMin()
        }
        return nil
    }

    /// The first that is due, which is then no longer in the queue.
    mutating func take(at now: Double) -> Subject? {
        guard let time = nextTime(), time <= now, let first = heap.popMin() else { return nil }
        times[first.subject] = nil
        return first.subject
    }

    mutating func remove(_ subject: Subject) { times[subject] = nil }
}
