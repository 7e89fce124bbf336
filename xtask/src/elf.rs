//! Small ELF files for tests: just headers, notes and a page, wrong in the way a test wants.

/// A program header.
#[derive(Debug, Clone, Copy)]
pub struct Segment {
    /// `PT_LOAD` is 1, `PT_NOTE` is 4.
    pub kind: u32,
    /// Offset in the file.
    pub offset: u64,
    /// Virtual and physical address.
    pub address: u64,
    /// Bytes in the file.
    pub file_size: u64,
    /// Bytes in memory.
    pub memory_size: u64,
}

/// `PT_LOAD`.
pub const LOAD: u32 = 1;
/// `PT_NOTE`.
pub const NOTE: u32 = 4;
/// Where the contents begin in a file from [`file`].
pub const BODY: u64 = 0x1000;

/// An x86-64 executable with these program headers; `body` lies at [`BODY`].
pub fn file(entry: u64, segments: &[Segment], body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::from(*b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0");
    let half = |bytes: &mut Vec<u8>, value: u16| bytes.extend(value.to_le_bytes());
    let word = |bytes: &mut Vec<u8>, value: u32| bytes.extend(value.to_le_bytes());
    let long = |bytes: &mut Vec<u8>, value: u64| bytes.extend(value.to_le_bytes());
    half(&mut bytes, 2);
    half(&mut bytes, 62);
    word(&mut bytes, 1);
    long(&mut bytes, entry);
    long(&mut bytes, 64);
    long(&mut bytes, 0);
    word(&mut bytes, 0);
    for value in [64, 56, segments.len() as u16, 64, 0, 0] {
        half(&mut bytes, value);
    }
    for segment in segments {
        word(&mut bytes, segment.kind);
        word(&mut bytes, 7);
        long(&mut bytes, segment.offset);
        long(&mut bytes, segment.address);
        long(&mut bytes, segment.address);
        long(&mut bytes, segment.file_size);
        long(&mut bytes, segment.memory_size);
        long(&mut bytes, 0x1000);
    }
    bytes.resize(BODY as usize, 0);
    bytes.extend(body);
    bytes
}

/// A Xen note with a number or a text.
pub fn note(kind: u32, value: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(4u32.to_le_bytes());
    bytes.extend((value.len() as u32).to_le_bytes());
    bytes.extend(kind.to_le_bytes());
    bytes.extend(b"Xen\0");
    bytes.extend(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}
