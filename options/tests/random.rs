//! Lines at random.

use options::{
    Dom0Mem, OPTIONS, Options, VcpuRange, dom0_arguments, last_value, size, without_effect,
};
use proptest::prelude::*;

fn cases() -> ProptestConfig {
    let cases = std::env::var("XENOLITH_PROPTEST_CASES")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(128);
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// A word that looks like an option: a known or an unknown name and a value from the parsers' alphabets.
fn word() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        4 => prop::sample::select(OPTIONS).prop_map(|o| o.name.to_string()),
        1 => "(no-)?[a-z_-]{0,12}",
    ];
    let value = prop_oneof![
        "[-+0-9xKMGTb%:,/]{0,24}",
        "(min:|max:|-)?[0-9]{1,20}[KMGT]?(,max:[0-9]{1,20}%)?",
        "(none|keep|all|vga|com1|boot|[!-~]{0,9})([,/](none|keep|all|[!-~]{0,9})){0,2}",
    ];
    (any::<bool>(), name, prop::option::of(value))
        .prop_map(|(no, name, value)| {
            let no = if no { "no-" } else { "" };
            match value {
                Some(value) => format!("{no}{name}={value}"),
                None => format!("{no}{name}"),
            }
        })
        .prop_filter("that would end the line", |word| word != "--")
}

fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::collection::vec(word(), 0..40).prop_map(|words| words.join(" ")),
        ".{0,300}",
    ]
}

fn walk(line: &str) -> (Options, usize) {
    let mut complaints = 0;
    let options = Options::parse(line, |word, why| {
        assert!(!word.is_empty() && !why.is_empty());
        complaints += 1;
    });
    (options, complaints)
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn any_line_is_read_within_bounds(line in line(), free in 0u64..1 << 40, cpus in 0u32..5000) {
        let (options, complaints) = walk(&line);
        let words = line.split_ascii_whitespace().count();
        prop_assert!(complaints <= words && without_effect(&line).count() <= words);
        prop_assert!(options.conring.is_power_of_two());
        prop_assert!((4 << 10..=4 << 20).contains(&options.conring));
        prop_assert!(options.loglvl.lower <= options.loglvl.upper);
        let (frames, max) = options.dom0_mem.frames(free);
        prop_assert!(frames <= free);
        prop_assert!(frames <= max || options.dom0_mem.min.is_some());
        prop_assert!((1..=64).contains(&options.dom0_max_vcpus.count(cpus)));
    }

    /// Naive model: cut at a lone `--`, then look at each word for itself.
    #[test]
    fn lines_end_at_dashes(words in prop::collection::vec(prop_oneof![4 => word(), 1 => Just("--".into())], 0..12)) {
        let line = words.join("  ");
        let at = words.iter().position(|w| w == "--");
        let before = words[..at.unwrap_or(words.len())].join(" ");
        prop_assert_eq!(walk(&line), walk(&before));
        let after = at.map(|i| words[i + 1..].join("  "));
        prop_assert_eq!(dom0_arguments(&line), after.as_deref().map(str::trim_ascii));
        let naive = words[..at.unwrap_or(words.len())]
            .iter()
            .rev()
            .flat_map(|w| w.split_ascii_whitespace().rev())
            .find_map(|w| w.strip_prefix("com1="));
        prop_assert_eq!(last_value(&line, "com1"), naive);
    }

    /// An unknown word is reported once, wherever it stands, and changes nothing else.
    #[test]
    fn unknown_words_change_nothing(words in prop::collection::vec(word(), 1..20), at in any::<prop::sample::Index>()) {
        let (options, complaints) = walk(&words.join(" "));
        let mut more = words.clone();
        more.insert(at.index(words.len()), "zzz-unknown=1".into());
        prop_assert_eq!(walk(&more.join(" ")), (options, complaints + 1));
    }

    #[test]
    fn sizes_are_products(negative in any::<bool>(), n in any::<u64>(), bits in 0u32..64, unit in 0usize..6, hex in any::<bool>()) {
        let n = n >> bits;
        // In a hexadecimal number `b` is a digit.
        let unit = if hex && unit == 1 { 0 } else { unit };
        let suffix = ["", "B", "k", "M", "g", "T"][unit];
        let shift = [10, 0, 10, 20, 30, 40][unit];
        let sign = if negative { "-" } else { "" };
        let text = if hex { format!("{sign}{n:#x}{suffix}") } else { format!("{sign}{n}{suffix}") };
        let product = i128::from(n) << shift;
        let naive = i64::try_from(product).ok().map(|v| if negative { -v } else { v });
        prop_assert_eq!(size(&text), naive);
    }

    #[test]
    fn memory_is_clamped_as_asked(size in 1i64..1 << 45, max in 1i64..1 << 45, free in 1u64 << 16..1 << 34) {
        let mut mem = Dom0Mem::default();
        let list = format!("{size}B,max:{max}B");
        prop_assert!(mem.parse(&list));
        // The builder needs memory in proportion, so what is kept grows with the machine.
        let naive = (size.min(max) as u64 / 4096).min(free - 2048.max(free / 128));
        prop_assert_eq!(mem.frames(free), (naive, max as u64 / 4096));
    }

    #[test]
    fn ranges_clamp_the_processors(min in 1u32..100, more in 0u32..100, cpus in 1u32..300) {
        let max = min + more;
        let range = VcpuRange::parse(&format!("{min}-{max}"));
        prop_assert_eq!(range.map(|r| r.count(cpus)), Some(cpus.clamp(min, max).min(64)));
    }
}

#[test]
fn a_huge_line_is_read() {
    let mut line = "x ".repeat(32 << 10);
    line.truncate((64 << 10) - 9);
    line.push_str(" noreboot");
    let (options, complaints) = walk(&line);
    assert!(options.noreboot);
    assert!(complaints >= (32 << 10) - 8);
    assert!(walk(&"9".repeat(64 << 10)).1 == 1);
    assert!(walk(&format!("dom0_mem={}", "1,".repeat(32 << 10))).1 == 0);
}
