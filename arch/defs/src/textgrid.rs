//! A screen of character cells, without the screen.
//!
//! Text mode and framebuffer consoles differ in how a cell is drawn; wrapping, scrolling and control
//! characters are the same. [`TextGrid`] keeps what each cell shows and asks for a cell to be drawn only when
//! that changes. Screens are never read back and never copied: reading video memory is slower
//! than anything else a console does, and after a scroll most cells, being blank, stay as they are.
//! A full screen scrolls by a quarter of its lines at once: redrawing it for each line would cost
//! more than all else that a booting hypervisor does.

extern crate alloc;

use alloc::vec;
use alloc::vec::Vec;

/// Something that can show a character in a cell.
pub trait Draw {
    /// Shows `character`, printable ASCII, in the cell at `column` and `row`, counted from 0 at the top left.
    fn draw(&mut self, column: usize, row: usize, character: u8);
}

/// Most columns and rows; what a larger screen has beyond stays black.
pub const MAX_COLUMNS: usize = 512;
/// See [`MAX_COLUMNS`].
pub const MAX_ROWS: usize = 256;

/// What a screen of characters shows, and where the next one goes.
#[derive(Debug)]
pub struct TextGrid {
    columns: usize,
    rows: usize,
    cells: Vec<u8>,
    column: usize,
    row: usize,
}

impl TextGrid {
    /// A blank screen of that size, at least 1 by 1 and at most [`MAX_COLUMNS`] by [`MAX_ROWS`]. The
    /// real screen must be blank too.
    pub fn new(columns: usize, rows: usize) -> Self {
        let columns = columns.clamp(1, MAX_COLUMNS);
        let rows = rows.clamp(1, MAX_ROWS);
        Self {
            columns,
            rows,
            cells: vec![b' '; columns * rows],
            column: 0,
            row: 0,
        }
    }

    /// Columns and rows.
    pub fn size(&self) -> (usize, usize) {
        (self.columns, self.rows)
    }

    /// Column and row of the next character; the column equals the width when the line is full.
    pub fn cursor(&self) -> (usize, usize) {
        (self.column, self.row)
    }

    /// What the cell shows; a blank outside the grid.
    pub fn cell(&self, column: usize, row: usize) -> u8 {
        let inside = column < self.columns;
        let cell = self.cells.get(row * self.columns + column);
        cell.filter(|_| inside).copied().unwrap_or(b' ')
    }

    /// Writes a character: printable ASCII, line feed (which also returns), carriage return, tab,
    /// backspace. Other control characters are dropped; other bytes show as `?`.
    pub fn put(&mut self, byte: u8, screen: &mut impl Draw) {
        match byte {
            b'\n' => self.line_feed(screen),
            b'\r' => self.column = 0,
            0x08 => self.column = self.column.saturating_sub(1),
            b'\t' => {
                let stop = (self.column / 8 + 1) * 8;
                while self.column < stop.min(self.columns) {
                    self.show(b' ', screen);
                }
            }
            b' '..=b'~' => self.show(byte, screen),
            0x80.. => self.show(b'?', screen),
            _ => {}
        }
    }

    /// The line breaks when the character behind a full line comes, so that a line of exactly the
    /// screen's width is not followed by an empty one.
    fn show(&mut self, byte: u8, screen: &mut impl Draw) {
        if self.column >= self.columns {
            self.line_feed(screen);
        }
        let (column, row) = (self.column, self.row);
        self.change(column, row, byte, screen);
        self.column += 1;
    }

    fn change(&mut self, column: usize, row: usize, byte: u8, screen: &mut impl Draw) {
        if let Some(cell) = self.cells.get_mut(row * self.columns + column)
            && *cell != byte
        {
            *cell = byte;
            screen.draw(column, row, byte);
        }
    }

    /// Lines that a full screen scrolls by.
    fn jump(&self) -> usize {
        (self.rows / 4).max(1)
    }

    fn line_feed(&mut self, screen: &mut impl Draw) {
        self.column = 0;
        if self.row + 1 < self.rows {
            self.row += 1;
            return;
        }
        let jump = self.jump();
        for row in 0..self.rows {
            for column in 0..self.columns {
                let below = self.cell(column, row + jump);
                self.change(column, row, below, screen);
            }
        }
        self.row = self.rows - jump;
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use proptest::prelude::*;
    use std::string::String;

    /// A screen that remembers what was drawn.
    struct Fake(Vec<Vec<u8>>, usize);

    impl Draw for Fake {
        fn draw(&mut self, column: usize, row: usize, character: u8) {
            self.0[row][column] = character;
            self.1 += 1;
        }
    }

    fn run(columns: usize, rows: usize, text: &[u8]) -> (TextGrid, Fake) {
        let mut grid = TextGrid::new(columns, rows);
        let mut fake = Fake(vec![vec![b' '; columns]; rows], 0);
        for byte in text {
            grid.put(*byte, &mut fake);
        }
        (grid, fake)
    }

    fn lines(fake: &Fake) -> Vec<String> {
        let line = |l: &Vec<u8>| String::from_utf8_lossy(l).into_owned();
        fake.0.iter().map(line).collect()
    }

    #[test]
    fn wraps_scrolls_and_tabs() {
        let (grid, fake) = run(10, 3, b"0123456789\nab\rAc\tZ\x08Y");
        assert_eq!(lines(&fake), ["0123456789", "Ac      Y ", "          "]);
        assert_eq!(grid.cursor(), (9, 1));
        let (_, fake) = run(4, 2, b"abcdefghij\x07\xff");
        assert_eq!(lines(&fake), ["efgh", "ij? "]);
    }

    #[test]
    fn scrolling_blank_lines_draws_nothing() {
        let (_, fake) = run(80, 25, &[b'\n'; 100]);
        assert_eq!(fake.1, 0);
        let (_, fake) = run(80, 25, b"x\n");
        assert_eq!(fake.1, 1);
    }

    #[test]
    fn sizes_are_clamped() {
        assert_eq!(TextGrid::new(0, 0).size(), (1, 1));
        assert_eq!(TextGrid::new(9999, 9999).size(), (MAX_COLUMNS, MAX_ROWS));
        assert_eq!(TextGrid::new(3, 3).cell(3, 0), b' ');
    }

    proptest! {
        /// Against the naive model: a list of lines that loses its first ones when it gets too long.
        #[test]
        fn shows_the_last_lines(columns in 1usize..9, rows in 1usize..14, text in "[a-c\n]{0,160}") {
            let mut all = vec![String::new()];
            for c in text.chars() {
                if c == '\n' || all.last().unwrap().len() == columns {
                    all.push(String::new());
                    if all.len() > rows {
                        all.drain(..(rows / 4).max(1));
                    }
                }
                if c != '\n' {
                    all.last_mut().unwrap().push(c);
                }
            }
            let (_, fake) = run(columns, rows, text.as_bytes());
            let mut expected: Vec<_> = all
                .iter()
                .map(|l| std::format!("{l:columns$}"))
                .collect();
            expected.resize(rows, " ".repeat(columns));
            prop_assert_eq!(lines(&fake), expected);
        }
    }
}
