//! Load for dom0 with known results: threads that compute in floating point while memory is mapped,
//! written, checked and returned, and processes come and go. Ends with failure on any wrong result.

use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const WORDS: usize = 4096;

/// A sum whose every step depends on the registers being kept; vectorised by the compiler.
fn compute(seed: f64) -> f64 {
    let mut lanes = [0.0f64; 16];
    for (at, lane) in lanes.iter_mut().enumerate() {
        *lane = seed + at as f64;
    }
    for round in 0..WORDS {
        for lane in &mut lanes {
            *lane = (*lane * 1.000_000_1 + round as f64).sqrt() + 0.5;
        }
    }
    lanes.iter().sum()
}

/// Maps memory, fills it, checks it, and returns it.
fn memory(seed: u64) -> bool {
    let pages = 512 + (seed % 512) as usize;
    let mut words = vec![0u64; pages * 512];
    for (at, word) in words.iter_mut().enumerate().step_by(64) {
        *word = seed ^ at as u64;
    }
    let kept = words.iter().enumerate().step_by(64).all(|(at, word)| *word == seed ^ at as u64);
    // What nobody wrote is still zero.
    kept && words.iter().enumerate().filter(|(at, _)| at % 64 == 1).all(|(_, word)| *word == 0)
}

fn main() -> ExitCode {
    let argument = std::env::args().nth(1).unwrap_or_default();
    if argument == "child" {
        return if compute(3.25).to_bits() == compute(3.25).to_bits() {
            ExitCode::from(42)
        } else {
            ExitCode::FAILURE
        };
    }
    let until = Instant::now() + Duration::from_secs(argument.parse().unwrap_or(10));
    let rounds = AtomicU64::new(0);
    let wrong = AtomicU64::new(0);
    let note = |right: bool| {
        rounds.fetch_add(1, Ordering::Relaxed);
        if !right {
            wrong.fetch_add(1, Ordering::Relaxed);
        }
    };
    thread::scope(|scope| {
        for at in 0..3u32 {
            let note = &note;
            scope.spawn(move || {
                let seed = 1.5 + f64::from(at);
                let wanted = compute(seed).to_bits();
                while Instant::now() < until {
                    note(compute(seed).to_bits() == wanted);
                }
            });
        }
        scope.spawn(|| {
            let mut seed = 1;
            while Instant::now() < until {
                note(memory(seed));
                seed = seed * 6_364_136_223_846_793_005 % 1_000_003 + 1;
            }
        });
        scope.spawn(|| {
            let me = std::env::current_exe().unwrap_or_default();
            while Instant::now() < until {
                let status = Command::new(&me).arg("child").status();
                note(status.is_ok_and(|status| status.code() == Some(42)));
            }
        });
        // A short-lived thread at a time: stacks mapped with guard pages and returned.
        while Instant::now() < until {
            let value = thread::spawn(|| compute(7.0).to_bits()).join();
            note(value.is_ok_and(|value| value == compute(7.0).to_bits()));
        }
    });
    println!("{} rounds, {} wrong", rounds.load(Ordering::Relaxed), wrong.load(Ordering::Relaxed));
    if wrong.load(Ordering::Relaxed) == 0 && rounds.load(Ordering::Relaxed) > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
