//! The boot matrix: kernels, boards, firmwares, memory sizes and processor models.
//!
//! Not every combination is booted; every pair of values of two columns that could plausibly
//! interact is. The results go to `docs/boot-matrix.md` when all rows have run.

use super::{BOOT, Checks, Ctx, Dom0, Summary, Test};
use crate::error::Result;
use crate::paths;
use crate::qemu::{Board, Machine};
use crate::stock::Series;

struct Row {
    series: Series,
    board: Board,
    uefi: bool,
    memory: u64,
    cpu: &'static str,
}

const fn row(series: Series, board: Board, uefi: bool, memory: u64, cpu: &'static str) -> Row {
    Row {
        series,
        board,
        uefi,
        memory,
        cpu,
    }
}

const BIOS: bool = false;
const UEFI: bool = true;

const ROWS: &[Row] = &[
    row(Series::Linux61, Board::Q35, BIOS, 1024, "max"),
    row(Series::Linux61, Board::Pc, BIOS, 1024, "qemu64"),
    row(Series::Linux61, Board::Q35, UEFI, 1024, "EPYC"),
    row(Series::Linux61, Board::Pc, UEFI, 512, "Haswell"),
    row(Series::Linux61, Board::Q35, BIOS, 6144, "Haswell"),
    row(Series::Linux61, Board::Pc, BIOS, 16384, "Skylake-Server"),
    row(Series::Linux61, Board::Q35, UEFI, 16384, "max"),
    row(Series::Linux61, Board::Pc, UEFI, 6144, "qemu64"),
    row(Series::Linux61, Board::Q35, BIOS, 512, "EPYC"),
    row(Series::Linux612, Board::Q35, BIOS, 1024, "Haswell"),
    row(Series::Linux612, Board::Pc, BIOS, 512, "max"),
    row(Series::Linux612, Board::Q35, UEFI, 6144, "Skylake-Server"),
    row(Series::Linux612, Board::Pc, UEFI, 16384, "EPYC"),
    row(Series::Linux612, Board::Q35, BIOS, 16384, "qemu64"),
    row(Series::Linux612, Board::Pc, BIOS, 6144, "EPYC"),
    row(Series::Linux612, Board::Q35, UEFI, 512, "qemu64"),
];

impl Row {
    fn columns(&self) -> [String; 5] {
        let board = if self.board == Board::Pc { "pc" } else { "q35" };
        let firmware = if self.uefi { "uefi" } else { "bios" };
        [
            self.series.name().to_owned(),
            board.to_owned(),
            firmware.to_owned(),
            self.memory.to_string(),
            self.cpu.to_owned(),
        ]
    }

    fn name(&self) -> String {
        format!("matrix-{}", self.columns().join("-"))
    }

    fn machine(&self) -> Machine {
        Machine {
            board: self.board,
            uefi: self.uefi,
            memory: self.memory,
            cpu: self.cpu.to_owned(),
            ..Machine::default()
        }
    }
}

/// One test a row.
pub fn tests() -> Vec<Test> {
    ROWS.iter()
        .map(|row| {
            Test::new(row.name(), |ctx, checks| boot_row(ctx, checks, row)).memory(row.memory)
        })
        .collect()
}

fn boot_row(ctx: &Ctx, checks: &mut Checks, row: &Row) -> Result<()> {
    let dom0 = Dom0 {
        series: Some(row.series),
        script: Some(super::boot::SCRIPT.to_owned()),
        ..Dom0::default()
    };
    let mut guest = ctx.boot(&row.machine(), &dom0)?;
    // Large machines take their time to be scrubbed and mapped.
    super::boot::type_when_asked(&mut guest, BOOT * 2)?;
    guest.finish(checks, BOOT)
}

/// Writes the table if every row has been run; says whether it was.
pub fn write_table(summary: &Summary) -> Result<bool> {
    let mut lines = String::from(
        "# Boot matrix\n\n\
         Written by `cargo xtask test`: each row is one boot in QEMU of a stock Debian kernel as\n\
         PV domain 0 to its init, with the checks of `tests/emulator/boot.sh`, and power off.\n\n\
         | kernel | machine | firmware | MiB | CPU model | checks |\n\
         |---|---|---|---|---|---|\n",
    );
    for row in ROWS {
        let name = row.name();
        let Some((_, checks)) = summary.tests.iter().find(|(test, _)| *test == name) else {
            return Ok(false);
        };
        let result = match checks.failures.len() {
            0 => format!("{} passed", checks.passed),
            failed => format!("{} passed, {failed} failed", checks.passed),
        };
        lines.push_str(&format!("| {} | {result} |\n", row.columns().join(" | ")));
    }
    paths::write(&paths::root().join("docs/boot-matrix.md"), lines)?;
    Ok(true)
}

#[cfg(test)]
mod unit {
    use super::ROWS;
    use std::collections::BTreeSet;

    #[test]
    fn every_value_meets_both_kernels_boards_and_firmwares() {
        let mut pairs = BTreeSet::new();
        for row in ROWS {
            let [series, board, firmware, memory, cpu] = row.columns();
            for value in [memory, cpu] {
                for other in [&series, &board, &firmware] {
                    pairs.insert((value.clone(), other.clone()));
                }
            }
        }
        // Four sizes and five models, each with two kernels, two boards and two firmwares.
        let missing = (4 + 5) * 6 - pairs.len();
        assert!(missing <= 2, "{missing} pairs are not booted: {pairs:?}");
    }
}
