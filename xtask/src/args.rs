//! Command-line words of a subcommand, taken one by one.
//!
//! `--name value` and `--name=value` are both accepted. What is left when the subcommand has taken
//! all it knows is an error, so that a misspelt option is never ignored.

use crate::error::{Error, Result};
use std::str::FromStr;

/// The words that follow the subcommand.
#[derive(Debug, Clone)]
pub struct Args {
    words: Vec<String>,
}

impl Args {
    /// Takes over the words.
    pub fn new(words: Vec<String>) -> Self {
        Self { words }
    }

    /// True if a flag is there; it stays.
    pub fn has(&self, name: &str) -> bool {
        self.words.iter().any(|word| word == name)
    }

    /// Removes a flag; true if it was there.
    pub fn flag(&mut self, name: &str) -> bool {
        let before = self.words.len();
        self.words.retain(|word| word != name);
        self.words.len() != before
    }

    /// Removes one occurrence of an option and returns its value.
    pub fn value(&mut self, name: &str) -> Result<Option<String>> {
        let prefix = format!("{name}=");
        for at in 0..self.words.len() {
            if let Some(value) = self.words[at].strip_prefix(&prefix) {
                let value = value.to_owned();
                self.words.remove(at);
                return Ok(Some(value));
            }
            if self.words[at] == name {
                if at + 1 == self.words.len() {
                    return Err(Error::msg(format!("option {name} wants a value")));
                }
                self.words.remove(at);
                return Ok(Some(self.words.remove(at)));
            }
        }
        Ok(None)
    }

    /// Removes every occurrence of an option and returns the values in order.
    pub fn values(&mut self, name: &str) -> Result<Vec<String>> {
        let mut all = Vec::new();
        while let Some(value) = self.value(name)? {
            all.push(value);
        }
        Ok(all)
    }

    /// Like [`Args::value`], parsed.
    pub fn parsed<T: FromStr>(&mut self, name: &str) -> Result<Option<T>> {
        match self.value(name)? {
            None => Ok(None),
            Some(text) => text
                .parse()
                .map(Some)
                .map_err(|_| Error::msg(format!("option {name}: `{text}` is not valid"))),
        }
    }

    /// Takes the words that are not options.
    pub fn positional(&mut self) -> Vec<String> {
        let (options, rest) = std::mem::take(&mut self.words)
            .into_iter()
            .partition(|word: &String| word.starts_with('-'));
        self.words = options;
        rest
    }

    /// Fails if a word is left that nothing has taken.
    pub fn finish(self) -> Result<()> {
        match self.words.first() {
            None => Ok(()),
            Some(word) => Err(Error::msg(format!(
                "unknown argument `{word}` (try --help)"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Args;

    fn args(words: &[&str]) -> Args {
        Args::new(words.iter().map(|word| (*word).to_owned()).collect())
    }

    #[test]
    fn takes_both_spellings_of_a_value() {
        let mut given = args(&["--memory", "512", "--cpu=max", "--uefi"]);
        assert_eq!(given.parsed::<u32>("--memory").unwrap(), Some(512));
        assert_eq!(given.value("--cpu").unwrap().as_deref(), Some("max"));
        assert!(given.flag("--uefi"));
        assert!(!given.flag("--uefi"));
        given.finish().unwrap();
    }

    #[test]
    fn refuses_what_nobody_took() {
        assert!(args(&["--memroy=4"]).finish().is_err());
        assert!(args(&["--memory"]).value("--memory").is_err());
        assert!(args(&["--memory=x"]).parsed::<u32>("--memory").is_err());
    }
}
