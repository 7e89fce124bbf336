//! What can be wrong with a packed kernel, and where.

use core::fmt;

use super::Format;

/// Why a payload was not unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecompressError {
    /// The payload's format, or `None` if it starts like nothing known.
    pub format: Option<Format>,
    /// What was wrong.
    pub cause: Cause,
    /// Where, in bytes from the start of the payload.
    pub offset: usize,
}

impl DecompressError {
    pub(super) fn new(format: Format, failure: Failure) -> Self {
        Self {
            format: Some(format),
            cause: failure.cause,
            offset: failure.offset,
        }
    }

    pub(super) fn unknown(payload: &[u8]) -> Self {
        let mut magic = [0; 8];
        for (to, from) in magic.iter_mut().zip(payload) {
            *to = *from;
        }
        Self {
            format: None,
            cause: Cause::UnknownFormat { magic },
            offset: 0,
        }
    }
}

/// A cause and its offset, before the format is added.
pub(crate) struct Failure {
    cause: Cause,
    offset: usize,
}

impl Failure {
    pub(crate) fn at(cause: Cause, offset: usize) -> Self {
        Self { cause, offset }
    }
}

/// What can be wrong with a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// No known format starts with these bytes (padded with zeros).
    UnknownFormat {
        /// The first eight bytes.
        magic: [u8; 8],
    },
    /// The format is known by name only.
    UnsupportedFormat,
    /// The payload ends too early.
    Truncated,
    /// Bytes follow the end of the stream: this many.
    TrailingBytes(usize),
    /// More output than the limit allows.
    Limit {
        /// The size declared, in bytes.
        declared: u64,
        /// The limit, in bytes.
        limit: usize,
    },
    /// No memory for the output.
    OutOfMemory {
        /// Bytes asked for.
        bytes: usize,
    },
    /// The stream holds more than the declared size, or than the limit.
    Overflow,
    /// The unpacked size is not the declared one.
    Size {
        /// Bytes declared.
        declared: u64,
        /// Bytes there are.
        actual: u64,
    },
    /// A checksum does not match.
    Checksum {
        /// As stored.
        stored: u64,
        /// As computed.
        computed: u64,
    },
    /// The stream does not start with its magic.
    Magic,
    /// gzip: a compression method other than deflate.
    Method(u8),
    /// gzip: reserved flags are set.
    GzipFlags(u8),
    /// gzip: the deflate stream is corrupt.
    Deflate,
    /// xz: the stream flags are not those of version 1.
    StreamFlags(u16),
    /// xz: a check that is not supported, by its ID.
    UnsupportedCheck(u8),
    /// xz: a filter, or an order of filters, that is not supported, by its ID.
    UnsupportedFilter(u64),
    /// xz: reserved block flags are set.
    BlockFlags(u8),
    /// xz: a dictionary size out of range.
    DictionarySize(u8),
    /// xz: a block's size is not what its header says.
    BlockSize,
    /// xz: a multi-byte number is malformed.
    Number,
    /// xz: padding is not zero.
    Padding,
    /// xz: the index does not start with its indicator.
    IndexIndicator,
    /// xz: the index does not match the blocks.
    Index,
    /// xz: the stream does not end with its magic.
    FooterMagic,
    /// xz: the footer does not match the header and the index.
    Footer,
    /// xz: the index would start before the stream.
    BackwardSize(u32),
    /// LZMA2: a control byte that is not defined.
    Control(u8),
    /// LZMA2: a chunk needs a dictionary that no chunk has started.
    NoDictionary,
    /// LZMA2: a chunk has bad properties, or none.
    Properties,
    /// LZMA2: a chunk goes on from a state that no chunk has started.
    NoState,
    /// LZMA: a distance reaches before the dictionary.
    Distance {
        /// The output offset of the match.
        to: usize,
    },
    /// LZMA: a match is longer than its chunk.
    Length {
        /// The output offset of the match.
        to: usize,
    },
    /// LZMA: the chunk's input does not end with its last symbol.
    Symbols {
        /// The output offset reached.
        to: usize,
    },
    /// zstd: the frame header is malformed.
    FrameHeader,
    /// zstd: a block is malformed.
    Block,
    /// LZ4: a block is malformed.
    Lz4Block,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::UnknownFormat { magic } => write!(f, "no known format starts with {magic:02x?}"),
            Self::UnsupportedFormat => f.write_str("this format is not supported"),
            Self::Truncated => f.write_str("the payload ends too early"),
            Self::TrailingBytes(n) => write!(f, "{n} bytes follow the end of the stream"),
            Self::Limit { declared, limit } => {
                write!(f, "{declared} bytes unpacked, above the limit of {limit}")
            }
            Self::OutOfMemory { bytes } => write!(f, "no memory for {bytes} bytes"),
            Self::Overflow => f.write_str("more output than declared"),
            Self::Size { declared, actual } => {
                write!(f, "{actual} bytes unpacked, but {declared} declared")
            }
            Self::Checksum { stored, computed } => {
                write!(f, "checksum {computed:#x}, but {stored:#x} stored")
            }
            Self::Magic => f.write_str("bad magic"),
            Self::Method(method) => write!(f, "compression method {method} is not deflate"),
            Self::GzipFlags(flags) => write!(f, "reserved flags in {flags:#x}"),
            Self::Deflate => f.write_str("corrupt deflate data"),
            Self::StreamFlags(flags) => write!(f, "unknown stream flags {flags:#x}"),
            Self::UnsupportedCheck(id) => write!(f, "check {id:#x} is not supported"),
            Self::UnsupportedFilter(id) => write!(f, "filter {id:#x} is not supported here"),
            Self::BlockFlags(flags) => write!(f, "reserved block flags in {flags:#x}"),
            Self::DictionarySize(size) => write!(f, "dictionary size code {size} is out of range"),
            Self::BlockSize => f.write_str("the block's size is not the one in its header"),
            Self::Number => f.write_str("malformed number"),
            Self::Padding => f.write_str("padding is not zero"),
            Self::IndexIndicator => f.write_str("no index where the footer says"),
            Self::Index => f.write_str("the index does not match the blocks"),
            Self::FooterMagic => f.write_str("bad footer magic"),
            Self::Footer => f.write_str("the footer matches neither header nor index"),
            Self::BackwardSize(size) => {
                write!(f, "backward size {size:#x} reaches before the stream")
            }
            Self::Control(byte) => write!(f, "undefined LZMA2 control byte {byte:#x}"),
            Self::NoDictionary => f.write_str("LZMA2 chunk without a dictionary"),
            Self::Properties => f.write_str("LZMA2 chunk with bad or without properties"),
            Self::NoState => f.write_str("LZMA2 chunk without a state"),
            Self::Distance { to } => {
                write!(
                    f,
                    "match at output offset {to:#x} reaches before the dictionary"
                )
            }
            Self::Length { to } => write!(f, "match at output offset {to:#x} leaves its chunk"),
            Self::Symbols { to } => write!(f, "input and symbols part at output offset {to:#x}"),
            Self::FrameHeader => f.write_str("malformed frame header"),
            Self::Block => f.write_str("malformed zstd block"),
            Self::Lz4Block => f.write_str("malformed LZ4 block"),
        }
    }
}

impl fmt::Display for DecompressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.format {
            Some(format) => write!(f, "{format}: ")?,
            None => f.write_str("payload: ")?,
        }
        write!(f, "{} (at offset {:#x})", self.cause, self.offset)
    }
}

impl core::error::Error for DecompressError {}
