//! Words of the line and the names in them.

use crate::table::{Effect, OPTIONS, OptionInfo};

/// One word, taken apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word<'c> {
    /// All of it.
    pub text: &'c str,
    /// What it names, if that is known.
    pub info: Option<&'static OptionInfo>,
    /// The part after `=`. For `no-name` it is `no`.
    pub value: Option<&'c str>,
}

/// True for names that are equal but for `-` and `_`.
fn same(a: &str, b: &str) -> bool {
    let fold = |b| if b == b'_' { b'-' } else { b };
    a.len() == b.len() && a.bytes().map(fold).eq(b.bytes().map(fold))
}

fn find(name: &str) -> Option<&'static OptionInfo> {
    OPTIONS.iter().find(|o| same(o.name, name))
}

fn texts(line: &str) -> impl Iterator<Item = &str> {
    line.split_ascii_whitespace()
        .take_while(|word| *word != "--")
}

/// The words up to `--`.
pub(crate) fn words(line: &str) -> impl Iterator<Item = Word<'_>> {
    texts(line).map(|text| {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        if let Some(info) = find(name) {
            return Word {
                text,
                info: Some(info),
                value,
            };
        }
        // `no-x=value` is nothing that Xen knows.
        let negated = name.strip_prefix("no-").filter(|_| value.is_none());
        Word {
            text,
            info: negated.and_then(find),
            value: negated.map_or(value, |_| Some("no")),
        }
    })
}

/// The value of the last `name=value` on the line, before a `--`.
pub fn last_value<'c>(line: &'c str, name: &str) -> Option<&'c str> {
    texts(line)
        .filter_map(|word| word.split_once('='))
        .filter(|(n, _)| same(n, name))
        .last()
        .map(|(_, value)| value)
}

/// What follows a `--`, which is for domain 0's kernel.
pub fn dom0_arguments(line: &str) -> Option<&str> {
    let mut rest = line;
    loop {
        let at = rest.find("--")?;
        let (before, from) = rest.split_at(at);
        let after = from.strip_prefix("--")?;
        let blank = |c: char| c.is_ascii_whitespace();
        let starts = before.is_empty() && at == 0 && rest.len() == line.len();
        if (starts || before.ends_with(blank)) && (after.is_empty() || after.starts_with(blank)) {
            return Some(after.trim_ascii());
        }
        // Whatever is glued to the dashes is one word: go on behind it.
        rest = match after.find(blank) {
            Some(end) => after.split_at(end).1,
            None => return None,
        };
    }
}

/// Names that boot loaders' scripts put on every line; nobody wants to hear of them.
const SILENT: [&str; 3] = ["placeholder", "no-real-mode", "edd"];

/// The words of a line that name options which are known but change nothing, to be reported at a low level. Those
/// that GRUB's scripts add by themselves (`placeholder`, `no-real-mode`, `edd`) are left out.
pub fn without_effect(line: &str) -> impl Iterator<Item = &str> {
    words(line)
        .filter(|w| {
            w.info
                .is_some_and(|o| o.effect == Effect::Accepted && !SILENT.contains(&o.name))
        })
        .map(|w| w.text)
}

#[cfg(test)]
mod tests {
    extern crate alloc;
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn the_last_value_counts() {
        assert_eq!(
            last_value("com1=1 com1=2,8n1 com2=3", "com1"),
            Some("2,8n1")
        );
        assert_eq!(last_value("com1 xcom1=3", "com1"), None);
        assert_eq!(last_value("com1=", "com1"), Some(""));
        assert_eq!(last_value("com1=a=b", "com1"), Some("a=b"));
        assert_eq!(last_value("conring-size=4k", "conring_size"), Some("4k"));
        assert_eq!(last_value("com1=1 -- com1=2", "com1"), Some("1"));
    }

    #[test]
    fn dashes_end_the_line() {
        assert_eq!(dom0_arguments("a b"), None);
        assert_eq!(dom0_arguments("a --b c--"), None);
        assert_eq!(dom0_arguments("-- quiet"), Some("quiet"));
        assert_eq!(dom0_arguments("x--y -- a -- b "), Some("a -- b"));
        assert_eq!(dom0_arguments("x --"), Some(""));
        assert_eq!(dom0_arguments("x -----"), None);
    }

    #[test]
    fn words_without_effect() {
        let line =
            "placeholder no-real-mode edd=off smt=0 no-watchdog nonsense loglvl=all -- ucode";
        let words: Vec<&str> = without_effect(line).collect();
        assert_eq!(words, ["smt=0", "no-watchdog"]);
    }
}
