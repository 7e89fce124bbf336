//! One error type for the whole tool: what was attempted, and what stood in the way.

use std::fmt;
use std::io;
use std::path::Path;

/// Result of anything that can fail in the tool.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a step of the tool did not succeed.
#[derive(Debug)]
pub enum Error {
    /// An operating-system call failed; `what` says on which object.
    Io {
        /// The attempted action with its path.
        what: String,
        /// The system's answer.
        source: io::Error,
    },
    /// A child program ended unsuccessfully.
    Command {
        /// The command line as one could type it.
        line: String,
        /// Exit code or signal.
        status: String,
        /// The end of what it wrote to standard error, if that was captured.
        tail: String,
    },
    /// Everything else, in one sentence for the user.
    Message(String),
}

impl Error {
    /// An error that is a sentence.
    pub fn msg(text: impl Into<String>) -> Self {
        Self::Message(text.into())
    }

    /// Wraps an `io::Error` with the action and the path it concerned.
    pub fn io(action: &str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let what = format!("{action} {}", path.display());
        move |source| Self::Io { what, source }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { what, source } => write!(f, "{what}: {source}"),
            Self::Command { line, status, tail } => {
                write!(f, "`{line}` ended with {status}")?;
                if !tail.is_empty() {
                    write!(f, ":\n{tail}")?;
                }
                Ok(())
            }
            Self::Message(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for Error {}
