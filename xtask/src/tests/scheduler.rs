//! Running tests side by side within the machine's memory and a budget of time.

use super::{Checks, Ctx, Test, all};
use crate::error::Result;
use crate::run::Hypervisor;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Which tests are run, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// What they are run against.
    pub hypervisor: Hypervisor,
    /// Only tests whose name contains one of these; all if empty.
    pub filters: Vec<String>,
    /// Long tests too.
    pub long: bool,
    /// Emulators at a time.
    pub jobs: usize,
    /// No test is started after this moment.
    pub until: Instant,
}

impl Options {
    /// The tests that these options choose.
    pub fn chosen(&self) -> Vec<Test> {
        let named = |test: &Test| self.filters.iter().any(|part| test.name.contains(part));
        all()
            .into_iter()
            .filter(|test| self.filters.is_empty() || named(test))
            .filter(|test| !test.long || self.long || self.filters.contains(&test.name))
            .collect()
    }
}

/// The results of all tests together.
#[derive(Debug, Default)]
pub struct Summary {
    /// Number of checks that held.
    pub passed: u32,
    /// Number of checks that did not.
    pub failed: u32,
    /// Each finished test by name, with its checks.
    pub tests: Vec<(String, Checks)>,
}

struct Pool {
    waiting: VecDeque<Test>,
    memory: u64,
    summary: Summary,
}

/// Runs the chosen tests and prints a line for each.
pub fn run_all(options: &Options) -> Result<Summary> {
    let memory = available_memory().saturating_sub(3 << 10);
    let pool = Mutex::new(Pool {
        waiting: options.chosen().into(),
        memory,
        summary: Summary::default(),
    });
    let changed = Condvar::new();
    thread::scope(|scope| {
        for _ in 0..options.jobs.max(1) {
            scope.spawn(|| worker(options, &pool, &changed, memory));
        }
    });
    Ok(pool
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
        .summary)
}

fn worker(options: &Options, pool: &Mutex<Pool>, changed: &Condvar, total: u64) {
    let lock = || pool.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let Some(test) = next(lock(), changed, total) else {
            return;
        };
        let claim = claim(&test, total);
        let start = Instant::now();
        let checks = if start > options.until {
            let failures = vec!["not run: the time for all tests is used up".to_owned()];
            Checks {
                failures,
                ..Checks::default()
            }
        } else {
            run_one(options, &test)
        };
        let mut pool = lock();
        show(&test.name, &checks, start.elapsed());
        pool.memory += claim;
        pool.summary.passed += checks.passed;
        pool.summary.failed += u32::try_from(checks.failures.len()).unwrap_or(u32::MAX);
        pool.summary.tests.push((test.name, checks));
        drop(pool);
        changed.notify_all();
    }
}

/// Takes the first test that fits into the memory that is left; waits if none does.
fn next(mut pool: MutexGuard<'_, Pool>, changed: &Condvar, total: u64) -> Option<Test> {
    loop {
        if pool.waiting.is_empty() {
            return None;
        }
        let left = pool.memory;
        if let Some(at) = pool
            .waiting
            .iter()
            .position(|test| claim(test, total) <= left)
        {
            let test = pool.waiting.remove(at)?;
            pool.memory -= claim(&test, total);
            return Some(test);
        }
        pool = changed.wait(pool).unwrap_or_else(PoisonError::into_inner);
    }
}

/// What a test takes from the pool: its machine and the emulator's own needs, but never more than
/// there is, so that it runs alone rather than never.
fn claim(test: &Test, total: u64) -> u64 {
    (test.memory + 512).min(total)
}

fn run_one(options: &Options, test: &Test) -> Checks {
    let ctx = Ctx {
        hypervisor: options.hypervisor.clone(),
        name: test.name.clone(),
    };
    let mut checks = Checks::default();
    // A test that panics has a fault of its own, which is a failure like any other.
    let ended = catch_unwind(AssertUnwindSafe(|| (test.body)(&ctx, &mut checks)));
    match ended {
        Ok(Ok(())) => {
            if checks.passed == 0 && checks.failures.is_empty() {
                checks.failures.push("the test checked nothing".to_owned());
            }
        }
        Ok(Err(error)) => checks.failures.push(error.to_string()),
        Err(_) => checks.failures.push("the test itself panicked".to_owned()),
    }
    checks
}

fn show(name: &str, checks: &Checks, took: Duration) {
    let word = if checks.failures.is_empty() {
        "ok  "
    } else {
        "FAIL"
    };
    println!(
        "{word} {name}: {} passed, {} failed ({} s)",
        checks.passed,
        checks.failures.len(),
        took.as_secs()
    );
    for note in &checks.notes {
        println!("     {note}");
    }
    for failure in &checks.failures {
        println!("     failed: {failure}");
    }
}

/// `MemAvailable` in MiB.
fn available_memory() -> u64 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    text.lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))
        .and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok())
        .map_or(4 << 10, |kib| kib >> 10)
}
