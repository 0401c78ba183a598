extension MemoryDisk.State {
    /// Everything that a loss of power at this point may leave, the kill of the process included.
    ///
    /// Of what was not synced each change of a name is kept or lost; contents are cut at every
    /// byte, or reach their size with zeros in place of any of their sectors.
    package var crashImages: [MemoryDisk.Image] {
        var images: [MemoryDisk.Image] = []
        for names in crashNames { addImages(of: names, to: &images) }
        return images
    }

    /// Of these the ones in which what was not synced of contents is kept, or lost, as a whole.
    package var plainCrashImages: [MemoryDisk.Image] {
        crashNames.flatMap { names in
            [
                MemoryDisk.Image(files: names.mapValues { inodes[$0].content }),
                MemoryDisk.Image(
                    files: names.mapValues {
                        Array(inodes[$0].content.prefix(inodes[$0].syncedCount))
                    }),
            ]
        }
    }

    /// Whether a loss of power would lose anything.
    package var isAllSynced: Bool {
        changes.isEmpty
            && names.values.allSatisfy {
                inodes[$0].syncedCount == inodes[$0].content.count
            }
    }

    /// The names, with each subset of the changes that were not synced.
    private var crashNames: [[String: Int]] {
        (0..<(1 << changes.count)).map { kept in
            var names = syncedNames
            for (index, change) in changes.enumerated() where kept & (1 << index) != 0 {
                Self.apply(change, to: &names)
            }
            return names
        }
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
    /// All subsets of so many sectors are tried; of more, one and all behind one.
    private static let subsetSectorsMax = 6

    private static func tornContents(of file: MemoryDisk.Inode) -> [[UInt8]] {
        let (content, synced) = (file.content, file.syncedCount)
        let cuts = (synced...content.count).map { Array(content.prefix($0)) }
        var sectors: [Range<Int>] = []
        var start = synced
        while start < content.count {
            let end = min((start / sectorBytes + 1) * sectorBytes, content.count)
            sectors.append(start..<end)
            start = end
        }
        return cuts
            + lostSectors(sectors.count).map { lost in
                var content = content
                for index in lost {
                    for byte in sectors[index] { content[byte] = 0 }
                }
                return content
            }
    }

    /// Which of so many sectors did not reach the disk, though the size did.
    private static func lostSectors(_ count: Int) -> [[Int]] {
        if count <= subsetSectorsMax {
            return (1..<max(1 << count, 1)).map { subset in
                (0..<count).filter { subset & (1 << $0) != 0 }
            }
        }
        return (0..<count).flatMap { [[$0], Array($0..<count)] }
    }
}
