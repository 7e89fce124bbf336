//! Looking at Rust sources as text, without their comments and literals.

/// The source with comments and the contents of string and character literals blanked; line breaks
/// stay where they are.
pub fn code_only(source: &str) -> String {
    let bytes = source.as_bytes();
    let mut code = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let end = literal_or_comment_end(bytes, at);
        if end > at {
            code.extend(
                bytes[at..end]
                    .iter()
                    .map(|b| if *b == b'\n' { b'\n' } else { b' ' }),
            );
            at = end;
        } else {
            code.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&code).into_owned()
}

/// If a comment or literal begins at `at`, where it ends; else `at`.
fn literal_or_comment_end(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..];
    let in_word = at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
    match rest {
        [b'/', b'/', ..] => at + rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len()),
        [b'/', b'*', ..] => at + block_comment(rest),
        [b'"', ..] => at + string(rest, 0),
        [b'b' | b'c', b'"', ..] if !in_word => at + string(rest, 1),
        [b'r', b'"' | b'#', ..] if !in_word => at + raw_string(rest, 1),
        [b'b' | b'c', b'r', b'"' | b'#', ..] if !in_word => at + raw_string(rest, 2),
        [b'\'', b'\\', ..] => {
            let close = rest.iter().skip(3).position(|b| *b == b'\'');
            at + close.map_or(1, |close| close + 4)
        }
        [b'\'', ..] => at + character(rest),
        _ => at,
    }
}

fn block_comment(rest: &[u8]) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at + 1 < rest.len() {
        match &rest[at..at + 2] {
            b"/*" => {
                depth += 1;
                at += 2;
            }
            b"*/" => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    rest.len()
}

fn string(rest: &[u8], prefix: usize) -> usize {
    let mut at = prefix + 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

fn raw_string(rest: &[u8], prefix: usize) -> usize {
    let hashes = rest[prefix..].iter().take_while(|b| **b == b'#').count();
    if rest.get(prefix + hashes) != Some(&b'"') {
        return 0; // `r#name`, a raw identifier.
    }
    let mut close = vec![b'"'];
    close.resize(hashes + 1, b'#');
    let body = prefix + hashes + 1;
    rest[body..]
        .windows(close.len())
        .position(|window| window == close)
        .map_or(rest.len(), |at| body + at + close.len())
}

/// A character literal such as `'x'`; a lifetime is none.
fn character(rest: &[u8]) -> usize {
    let text = std::str::from_utf8(&rest[1..rest.len().min(6)]);
    let valid = match text {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&rest[1..1 + error.valid_up_to()]).unwrap_or(""),
    };
    let mut chars = valid.chars();
    match (chars.next(), chars.next()) {
        (Some(c), Some('\'')) => c.len_utf8() + 2,
        _ => 0,
    }
}

/// How often a word stands in code, as a word.
pub fn count_word(code: &str, word: &str) -> usize {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    code.match_indices(word)
        .filter(|(at, _)| {
            !code[..*at].ends_with(part) && !code[at + word.len()..].starts_with(part)
        })
        .count()
}

#[cfg(test)]
mod tests {
    use super::{code_only, count_word};

    #[test]
    fn words_in_comments_and_literals_do_not_count() {
        let source = concat!(
            "// unsafe\n/* unsafe /* unsafe */ unsafe */ fn f<'a>(x: &'a str) {\n",
            "  let s = \"unsafe \\\" unsafe\"; let r = r#\"unsafe \" unsafe\"#;\n",
            "  let c = '\"'; let d = '\\''; let b = b\"unsafe\"; let unsafe_name = 1;\n",
            "  unsafe { g() }\n}\n"
        );
        let code = code_only(source);
        assert_eq!(count_word(&code, "unsafe"), 1);
        assert_eq!(code.lines().count(), source.lines().count());
        assert!(code.contains("fn f<'a>(x: &'a str)"));
        assert_eq!(
            count_word(&code_only("let é = 'é'; unsafe {}"), "unsafe"),
            1
        );
    }
}
