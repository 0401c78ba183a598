extension MemoryDisk.State {
    /// Everything that a loss of power at this point may leave, the kill of the process included.
    ///
    /// Of what was not synced each change of a name is kept or lost; contents are cut at every
    /// byte, or reach their size with zeros in place of any one sector or of all behind one.
    var crashImages: [MemoryDisk.Image] {
        var images: [MemoryDisk.Image] = []
        for kept in 0..<(1 << changes.count) {
            var names = syncedNames
            for (index, change) in changes.enumerated() where kept & (1 << index) != 0 {
                Self.apply(change, to: &names)
            }
            addImages(of: names, to: &images)
        }
        return images
    }

    private func addImages(of names: [String: Int], to images: inout [MemoryDisk.Image]) {
        let whole = MemoryDisk.Image(files: names.mapValues { inodes[$0].content })
        let unsynced = names.filter {
            inodes[$0.value].syncedCount < inodes[$0.value].content.count
        }
        if unsynced.isEmpty { return images.append(whole) }
        for (name, inode) in unsynced {
            for content in Self.tornContents(of: inodes[inode]) {
                var image = whole
                for other in unsynced where other.key != name {
                    let file = inodes[other.value]
                    image.files[other.key] = Array(file.content.prefix(file.syncedCount))
                }
                image.files[name] = content
                images.append(image)
            }
        }
    }

    private static let sectorBytes = 512

    private static func tornContents(of file: MemoryDisk.Inode) -> [[UInt8]] {
        let (content, synced) = (file.content, file.syncedCount)
        var contents = (synced...content.count).map { Array(content.prefix($0)) }
        var start = synced
        while start < content.count {
            let end = min((start / sectorBytes + 1) * sectorBytes, content.count)
            var hole = content
            for index in start..<end { hole[index] = 0 }
            contents.append(hole)
            for index in end..<content.count { hole[index] = 0 }
            contents.append(hole)
            start = end
        }
        return contents
    }
}
